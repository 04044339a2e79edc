import * as fc from 'fast-check';
import type { Card, CardDevice, CardType, Driver } from '../../src/drivers/driver.ts';
import { uuid } from './cards.ts';

/** Up to 80 creations (more of them) and removals, each by a number that picks type, parent or device. */
export const steps = fc.array(
  fc.record({
    act: fc.constantFrom('create', 'create', 'create', 'remove'),
    pick: fc.nat(1_000_000),
  }),
  { maxLength: 80 },
);

export const at = <T>(items: readonly T[], pick: number): T => {
  const item = items[pick % items.length];
  if (item === undefined) throw new Error('nothing to pick from');
  return item;
};

/** The cards a sequence of steps passes through; a refused creation changes nothing. */
export function history(
  driver: Driver,
  empty: Card,
  sequence: readonly { readonly act: string; readonly pick: number }[],
): readonly Card[] {
  const cards = [empty];
  for (const [index, { act, pick }] of sequence.entries()) {
    const card = at(cards, cards.length - 1);
    if (act === 'remove' && card.devices.length > 0) {
      const gone = at(card.devices, pick);
      cards.push({ ...card, devices: card.devices.filter((device) => device !== gone) });
    } else {
      const type = at(card.types, pick);
      const parent = at(card.parents, Math.floor(pick / card.types.length));
      if (driver.refusal(card, parent, type) !== undefined) continue;
      const device = { uuid: uuid(index), parent, type: type.id };
      cards.push({ ...card, devices: [...card.devices, device] });
    }
  }
  return cards;
}

/** How many random histories a property is tried on. */
export const runs = { numRuns: 30 };

/**
 * A sequence of creations that leads to more devices than a card can have, which is said without the driver's code;
 * null: none was found.
 */
export function overfull(
  driver: Driver,
  empty: Card,
  isPossible: (devices: readonly CardDevice[]) => boolean,
): readonly unknown[] | null {
  const property = fc.property(steps, (sequence) =>
    history(driver, empty, sequence).every(({ devices }) => isPossible(devices)),
  );
  return fc.check(property, runs).counterexample;
}

/** The sum of a number in the descriptions of the devices' types. */
export function sumOf(
  devices: readonly Pick<CardDevice, 'type'>[],
  types: readonly CardType[],
  pattern: RegExp,
): number {
  return devices.reduce((total, device) => {
    const description = types.find((type) => type.id === device.type)?.description ?? '';
    return total + Number(pattern.exec(description)?.[1]);
  }, 0);
}
