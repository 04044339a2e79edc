import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type HostDevice, HostError } from '../../../src/host/host.ts';
import type { SimulatedHost } from '../../../src/host/simulated/host.ts';
import { type Occupancy, TreeOccupancy } from '../../../src/host/simulated/occupancy.ts';
import type { SimulatedCard } from '../../../src/host/simulated/profile.ts';
import { sampleProfiles } from '../../../src/host/simulated/samples.ts';
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

/** The numbers of a type's description: `framebuffer=512M` and `fence: 4` alike. */
function numberIn(description: string | undefined, key: string): number {
  return Number(new RegExp(`${key}[=:] *(\\d+)`).exec(description ?? '')?.[1] ?? 0);
}

const devicesOf = (occupancy: Occupancy, card: SimulatedCard) =>
  occupancy.snapshot(card).devices.toSorted((a, b) => (a.uuid < b.uuid ? -1 : 1));

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

/** The vendors' limits, counted anew from descriptions and type names; users-facing sources: src/drivers. */
function isWithinCapacity(
  driver: string,
  parents: readonly string[],
  found: readonly Found[],
): boolean {
  const total = (key: string) => sum(found.map(({ description }) => numberIn(description, key)));
  const fromName = () => sum(found.map(({ type }) => Number(/(\d+)$/.exec(type)?.[1])));
  const isOnePerParent = new Set(found.map(({ parent }) => parent)).size === found.length;
  switch (driver) {
    case 'nvidia': {
      const limits = found.map(({ description }) => numberIn(description, 'max_instance'));
      const sizes = new Set(found.map(({ description }) => numberIn(description, 'framebuffer')));
      return (
        sizes.size <= 1 &&
        limits.every((limit) => found.length <= limit) &&
        (parents.length === 1 || isOnePerParent)
      );
    }
    case 'i915':
      return (
        total('low_gm_size') <= 512 - 128 &&
        total('high_gm_size') <= 4096 - 512 - 384 &&
        total('fence') <= 32 - 4
      );
    case 'vfio_ccw':
      return isOnePerParent;
    case 'vfio_ap':
      return found.length <= 65_536;
    case 'mtty':
      return fromName() <= 24;
    case 'mdpy':
      return found.length <= 4;
    case 'mbochs':
      return (
        sum(found.map(({ description }) => Number(/(\d+) MB/.exec(description ?? '')?.[1]))) <= 256
      );
    default:
      return false;
  }
}

interface Found {
  readonly parent: string;
  readonly type: string;
  readonly description: string | undefined;
}

describe.each(sampleProfiles())('any sequence of operations on %s', (name) => {
  // The A40 has a thousand types in all: fewer and shorter runs.
  const isLarge = name === 'nvidia-a40';

  it('keeps within the drivers’ capacity, and ends in a tree as if made from scratch', () => {
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
          const parents = card.parents.map(({ address }) => address);
          const found = devices
            .filter(({ ref }) => parents.includes(ref.parent))
            .map(({ ref, type }) => ({
              parent: ref.parent,
              type,
              description: card.types.find(({ id }) => id === type)?.description,
            }));
          expect(isWithinCapacity(card.driver.name, parents, found)).toBe(true);
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
