import { array, assert, constantFrom, property, tuple } from 'fast-check';
import { expect, it } from 'vitest';
import type { HostEvent } from '../../../src/host/host.ts';
import { type BusState, BusTracker } from '../../../src/host/sysfs/bus-tracker.ts';

/** Devices of two uuids, under two parents: a uuid may move. */
const PARENTS = ['mtty', 'mdpy'];
const UUIDS = ['00000000-1111-4222-8333-000000000001', '00000000-1111-4222-8333-000000000002'];

type Step = readonly [kind: 'toggle' | 'deliver' | 'look', parent: string, uuid: string];

const step = tuple(
  constantFrom('toggle' as const, 'toggle' as const, 'deliver' as const, 'look' as const),
  constantFrom(...PARENTS),
  constantFrom(...UUIDS),
);

/** A bus, its messages that are on their way, and what a tracker tells meanwhile, per device. */
function tellAll(steps: readonly Step[]): {
  readonly happened: readonly string[];
  readonly told: readonly string[];
} {
  const happened: string[] = [];
  const told: string[] = [];
  const messages: HostEvent[] = [];
  const devices = new Map<string, { readonly parent: string }>();
  const stateNow = (): BusState => ({ parents: new Set(PARENTS), devices: new Map(devices) });
  const text = ({ action, parent, uuid }: HostEvent): string => `${parent}/${uuid} ${action}`;
  const tracker = new BusTracker(stateNow(), (event) => told.push(text(event)));
  const change = (event: HostEvent): void => {
    happened.push(text(event));
    messages.push(event);
  };
  const deliver = (): void => {
    const message = messages.shift();
    if (message !== undefined) tracker.hear(message);
  };
  for (const [kind, parent, uuid] of steps) {
    if (kind === 'deliver') deliver();
    else if (kind === 'look') tracker.look(stateNow(), true);
    else {
      const before = devices.get(uuid)?.parent;
      if (before !== undefined) {
        devices.delete(uuid);
        change({ action: 'remove', parent: before, uuid, time: 0 });
      }
      if (before !== parent) {
        devices.set(uuid, { parent });
        change({ action: 'add', parent, uuid, time: 0 });
      }
    }
  }
  while (messages.length > 0) deliver();
  return { happened, told };
}

it('reports everything once and in order, whenever it looks and however late messages are', () => {
  assert(
    property(array(step, { maxLength: 60 }), (steps) => {
      const { happened, told } = tellAll(steps);
      const of = (events: readonly string[], subject: string): readonly string[] =>
        events.filter((event) => event.startsWith(subject));
      for (const parent of PARENTS) {
        for (const uuid of UUIDS) {
          const subject = `${parent}/${uuid}`;
          expect(of(told, subject)).toEqual(of(happened, subject));
        }
      }
    }),
  );
});

it('takes the same name with another inode for another device', () => {
  const told: string[] = [];
  const stateOf = (inode: number | undefined): BusState => ({
    parents: new Set(['mtty']),
    devices: new Map([[UUIDS[0] ?? '', { parent: 'mtty', inode }]]),
  });
  const tracker = new BusTracker(stateOf(undefined), ({ action }) => told.push(action));
  for (const inode of [7, 7, undefined, 8, 9]) tracker.look(stateOf(inode), false);
  expect(told).toEqual(['remove', 'add']);
});

it('reports parents before their devices come and after they went', () => {
  const told: string[] = [];
  const nothing: BusState = { parents: new Set(), devices: new Map() };
  const tracker = new BusTracker(nothing, ({ action, parent, uuid }) =>
    told.push(`${action} ${uuid === undefined ? parent : 'device'}`),
  );
  tracker.look(
    {
      parents: new Set(['mtty']),
      devices: new Map([[UUIDS[0] ?? '', { parent: 'mtty' }]]),
    },
    false,
  );
  tracker.look(nothing, false);
  expect(told).toEqual(['add mtty', 'add device', 'remove device', 'remove mtty']);
});

it('goes on correctly when messages are lost, or are not reported', () => {
  const told: string[] = [];
  const stateOf = (isThere: boolean): BusState => ({
    parents: new Set(['mtty']),
    devices: new Map(isThere ? [[UUIDS[0] ?? '', { parent: 'mtty' }]] : []),
  });
  const tracker = new BusTracker(stateOf(false), ({ action }) => told.push(action));
  const message = { parent: 'mtty', uuid: UUIDS[0], time: 0 };
  tracker.look(stateOf(true), true); // its message is lost
  tracker.hear({ action: 'remove', ...message });
  tracker.hear({ action: 'remove', ...message });
  tracker.hear({ action: 'add', ...message });
  tracker.look(stateOf(true), true);
  tracker.look(stateOf(false), false); // no more messages will come
  tracker.hear({ action: 'add', ...message });
  expect(told).toEqual(['add', 'remove', 'add', 'remove', 'add']);
});
