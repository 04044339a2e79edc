import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { connect, type Connection } from '../src/index.ts';
import type { Row } from './table.ts';

/** How many changes, and how many events. docs/performance.md has figures of longer runs. */
const CHANGES = Number(process.env['CHANGES'] ?? 20_000);
const EVENTS = Number(process.env['EVENTS'] ?? 10_000);

const XML = `<device><parent>pci_0000_86_00_0</parent>
  <capability type='mdev'><type id='nvidia-18'/></capability></device>`;

/** How memory grows in a program that runs for long: bytes a change, and bytes an event that is read. */
export async function memory(): Promise<readonly Row[]> {
  const manager = await connect('test:///default');
  const ofChange = await growthOf(CHANGES, 2, () => createAndDestroy(manager));
  await manager.close();
  const watched = await connect('test:///default');
  const events = await watched.events();
  let read = 0;
  const reading = (async () => {
    for await (const { kind } of events) read += kind === 'lifecycle' ? 1 : 0;
  })();
  const ofEvent = await growthOf(EVENTS, 2, () => createAndDestroy(watched));
  await watched.close();
  await reading.catch(() => undefined);
  if (read < EVENTS) throw new Error(`${read} events instead of ${EVENTS}`);
  return [
    row(`memory a manager keeps, ${CHANGES.toLocaleString('en-US')} changes`, ofChange, 'B/change'),
    row(`memory event --loop keeps, ${EVENTS.toLocaleString('en-US')} events`, ofEvent, 'B/event'),
  ];
}

const row = (what: string, figure: number, unit: string): Row => ({
  what,
  figure,
  unit,
  aim: { of: 'figure', most: 16 },
});

/** Bytes a piece, in the second half of `count` pieces, of which `work` does `each`: by then all that is made once is made. */
async function growthOf(count: number, each: number, work: () => Promise<void>): Promise<number> {
  for (let done = 0; done < count / 2; done += each) await work();
  const before = heapUsed();
  for (let done = 0; done < count / 2; done += each) await work();
  return Math.max(0, (heapUsed() - before) / (count / 2));
}

async function createAndDestroy(manager: Connection): Promise<void> {
  const { devices } = await manager.create(XML);
  await manager.destroy(devices.map(({ name }) => name));
}

function heapUsed(): number {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect !== 'function') throw new Error('memory cannot be measured here');
  for (let time = 0; time < 3; time++) Reflect.apply(collect, undefined, []);
  return process.memoryUsage().heapUsed;
}
