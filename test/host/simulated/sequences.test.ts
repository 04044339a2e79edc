import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type HostDevice, HostError } from '../../../src/host/host.ts';
import type { SimulatedHost } from '../../../src/host/simulated/host.ts';
import { type Occupancy, TreeOccupancy } from '../../../src/host/simulated/occupancy.ts';
import type { SimulatedCard } from '../../../src/host/simulated/profile.ts';
import { sampleProfiles } from '../../../src/host/simulated/samples.ts';
import { memoryHost } from '../support/hosts.ts';
import { linesOf, memorySimulation, numberlessLinesOf } from '../support/trees.ts';

type Step =
  | { readonly kind: 'create' | 'remove'; readonly pick: number }
  | { readonly kind: 'open' | 'close'; readonly picks: readonly number[]; readonly domain: string };

const pick = fc.nat({ max: 10_000 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('create' as const), pick }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), pick }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom('open' as const, 'close' as const),
      picks: fc.array(pick, { minLength: 1, maxLength: 3 }),
      domain: fc.constantFrom('one', 'two'),
    }),
  },
);

/** Does a step on whatever the host has by now. The uuid of a creation is its number, so that some exist already. */
function perform(host: SimulatedHost, todo: Step): void {
  const devices = host.devices().items;
  const deviceAt = (number: number): HostDevice[] => {
    const device = devices[number % Math.max(1, devices.length)];
    return device === undefined ? [] : [device];
  };
  switch (todo.kind) {
    case 'create': {
      const parents = host.parents().items;
      const parent = parents[todo.pick % parents.length];
      if (parent === undefined) return;
      const types = host.types(parent).items;
      const type = types[Math.floor(todo.pick / parents.length) % types.length];
      const uuid = `00000000-1111-4222-8333-${String(todo.pick % 997).padStart(12, '0')}`;
      host.create(parent, type?.id ?? '', uuid);
      return;
    }
    case 'remove':
      for (const device of deviceAt(todo.pick)) host.remove(device);
      return;
    case 'open':
      host.open(todo.picks.flatMap(deviceAt), { domain: todo.domain });
      return;
    case 'close':
      host.close({ domain: todo.domain }, todo.picks.flatMap(deviceAt));
  }
}

/** Whether the host does it; anything but its refusal is thrown on. */
function succeeds(operation: () => void): boolean {
  try {
    operation();
    return true;
  } catch (error) {
    if (error instanceof HostError) return false;
    throw error;
  }
}

const devicesOf = (occupancy: Occupancy, card: SimulatedCard) =>
  occupancy.snapshot(card).devices.toSorted((a, b) => (a.uuid < b.uuid ? -1 : 1));

/** The part of a card its devices take, by what its driver says of each type; 1 is all of it. */
function partTaken(
  { driver, types, parents, settings }: SimulatedCard,
  devices: readonly HostDevice[],
) {
  const card = { parents: parents.map(({ address }) => address), types, settings, devices: [] };
  return devices
    .filter(({ ref }) => card.parents.includes(ref.parent))
    .flatMap((device) => types.find(({ id }) => id === device.type) ?? [])
    .reduce((sum, type) => sum + driver.share(card, type), 0);
}

describe.each(sampleProfiles())('any sequence of operations on %s', (name) => {
  // Many virtual functions have a thousand types in all: fewer and shorter runs.
  const isLarge = memoryHost(name).parents().items.length > 16;

  it('keeps within the cards, and ends in a tree as if made from scratch', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: isLarge ? 12 : 40 }), (steps) => {
        const { host, tree, profile, occupancy } = memorySimulation(name);
        const empty = linesOf(tree).join('\n');
        const after: [string, string][] = [];
        for (const todo of steps) {
          const before = isLarge ? '' : linesOf(tree).join('\n');
          const isRefused = !succeeds(() => perform(host, todo));
          // A refusal changes nothing.
          if (isRefused && !isLarge) after.push([before, linesOf(tree).join('\n')]);
        }
        expect(after.map(([, found]) => found)).toEqual(after.map(([wanted]) => wanted));
        // What is remembered is what the tree says.
        const read = new TreeOccupancy(tree);
        expect(occupancy.nextNumbers()).toEqual(read.nextNumbers());
        const devices = host.devices().items;
        for (const card of profile.cards) {
          expect(devicesOf(occupancy, card)).toEqual(devicesOf(read, card));
          expect(partTaken(card, devices)).toBeLessThanOrEqual(1 + 1e-9);
        }
        const scratch = memorySimulation(name);
        for (const { ref, type } of devices) {
          const parent = scratch.host.parent(ref.parent);
          if (parent) scratch.host.create(parent, type, ref.uuid);
        }
        for (const domain of ['one', 'two']) host.close({ domain });
        expect(numberlessLinesOf(tree)).toEqual(numberlessLinesOf(scratch.tree));
        for (const device of devices) host.remove(device);
        expect(linesOf(tree).join('\n')).toBe(empty);
      }),
      { numRuns: isLarge ? 4 : 25 },
    );
  });
});
