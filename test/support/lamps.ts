import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { driver } from '../../samples/drivers/lamps.mjs';
import type { Card, CardDevice, OwnDriver } from '../../src/drivers/driver.ts';

/** The example of a driver of one's own. */
export const lampsDriver: OwnDriver = driver;

export const LAMPS_FOLDER = join(import.meta.dirname, '../../samples/drivers');

/** The profile of the example with a driver that a program brings. */
export const LAMPS_HOST = readFileSync(join(LAMPS_FOLDER, 'lamps.xml'), 'utf8').replace(
  './lamps.mjs',
  'lamps',
);

type Call = 'probe' | 'remove' | 'open' | 'close' | 'reset';
type Answer = (card: Card, device: CardDevice) => string | undefined;

/** The example, which notes its calls, each with what it was about and `look()`. */
export function recorded(
  calls: string[],
  answers: Readonly<Partial<Record<Call, Answer>>> = {},
  look: () => string = () => '',
): OwnDriver {
  const noting =
    (call: Call): Answer =>
    (card, device) => {
      calls.push([call, device.uuid.slice(-2), device.holder, look()].filter(Boolean).join(' '));
      return answers[call]?.(card, device);
    };
  return {
    ...lampsDriver,
    probe: noting('probe'),
    remove: noting('remove'),
    open: noting('open'),
    close: noting('close'),
    reset: noting('reset'),
  };
}
