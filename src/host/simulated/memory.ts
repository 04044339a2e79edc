import { MemoryTree } from '../memory-tree.ts';
import { SimulatedHost } from './host.ts';
import { unguarded } from './guard.ts';
import { computeCounts, withDescribedTypes } from './cards.ts';
import { materialise } from './materialise.ts';
import { MemoryOccupancy } from './memory-occupancy.ts';
import type { SimulatedOptions } from './open.ts';
import { parseProfile } from './parse-profile.ts';
import type { HostProfile, Layout } from './profile.ts';
import { Simulation } from './simulation.ts';
import { UeventBus } from './uevent-sinks.ts';

/** A simulated host in memory, from a profile's text. Throws as {@link parseProfile} does. */
export function createMemoryHost(
  profile: string | Uint8Array,
  { layout, ...options }: SimulatedOptions & { readonly layout?: Layout | undefined } = {},
): SimulatedHost {
  const parsed = parseProfile(profile, undefined, layout);
  return new SimulatedHost(simulateInMemory(parsed, options));
}

/** The simulation of {@link createMemoryHost}. */
export function simulateInMemory(
  { cards, ...rest }: HostProfile,
  { now = Date.now }: SimulatedOptions = {},
): Simulation {
  const tree = new MemoryTree();
  const profile = { ...rest, cards: cards.map((card) => withDescribedTypes(card)) };
  materialise({ ...rest, cards }, tree);
  const occupancy = new MemoryOccupancy(tree, profile);
  computeCounts(tree, profile, (card) => occupancy.snapshot(card));
  return new Simulation(tree, () => profile, unguarded(tree), occupancy, new UeventBus(now));
}
