import { MemoryTree } from '../memory-tree.ts';
import { SimulatedHost } from './host.ts';
import { NO_GUARD } from './lock.ts';
import { materialise } from './materialise.ts';
import type { SimulatedOptions } from './open.ts';
import { parseProfile } from './parse-profile.ts';
import { Simulation } from './simulation.ts';
import { UeventBus } from './uevent-sinks.ts';

/** A simulated host in memory, of a profile's text. Throws what {@link parseProfile} throws. */
export function createMemoryHost(
  profile: string | Uint8Array,
  options: SimulatedOptions = {},
): SimulatedHost {
  const parsed = parseProfile(profile);
  const tree = new MemoryTree();
  materialise(parsed, tree);
  const uevents = new UeventBus(options.now ?? Date.now);
  return new SimulatedHost(new Simulation(tree, () => parsed, NO_GUARD, uevents));
}
