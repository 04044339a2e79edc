import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { managerOf, simulatedHost, uuidOf } from './events/support.ts';
import { type Operation, OPERATIONS, stateOf } from './journal/operations.ts';

// The lock, the records that another connection reads and events do not need the wall clock. Ages: ownership/orphans.test.ts.

const DAY = 86_400_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Whose event ends the hearing. */
const LAST = `<device><parent>pci_0000_87_00_0</parent><capability type='mdev'><type id='nvidia-18'/>
  <uuid>${uuidOf(1)}</uuid></capability></device>`;

/** What two connections find in turn, and what one hears, when the clock jumps between all they do. */
async function happenings({ before, run }: Operation, jump: number) {
  const uri = `sim://${simulatedHost()}`;
  const [one, other] = [await managerOf(uri), await managerOf(uri)];
  const events = await one.events({ kinds: ['lifecycle'] });
  const states = [];
  for (const act of [() => before(one), () => run(other)]) {
    await act();
    vi.setSystemTime(Date.now() + jump);
    states.push(await stateOf(one), await stateOf(other));
    vi.setSystemTime(Date.now() + jump);
  }
  await other.create(LAST);
  const heard: string[] = [];
  for await (const event of events) {
    const change = event.kind === 'lifecycle' ? event.change : '';
    if (change === 'created' || change === 'deleted') heard.push(`${change} ${event.name}`);
    if (event.name.includes(uuidOf(1).replaceAll('-', '_'))) break;
  }
  return { states, heard };
}

describe.each([
  ['back', -DAY],
  ['forward', DAY],
])('a wall clock that jumps %s', (_, jump) => {
  it.each(OPERATIONS)('changes nothing of $name', async (operation) => {
    expect(await happenings(operation, jump)).toEqual(await happenings(operation, 0));
  });
});
