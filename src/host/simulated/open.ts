import { NodedevError } from '../../errors.ts';
import type { ModuleDrivers } from '../../drivers/registry.ts';
import { DiskTree } from '../disk-tree.ts';
import { withDescribedTypes } from './cards.ts';
import { EXAMPLE_PROFILE } from './example-profile.ts';
import { parseHardware } from './hardware-file.ts';
import { SimulatedHost } from './host.ts';
import { TreeGuard } from './guard.ts';
import { TreeOccupancy } from './occupancy.ts';
import { HARDWARE } from './paths.ts';
import type { SimulatedHardware } from './profile.ts';
import { repairOf } from './repair.ts';
import { type ListedOf, Simulation } from './simulation.ts';
import { UeventLog } from './uevent-sinks.ts';

export interface SimulatedOptions {
  /** The clock, for tests: milliseconds since the epoch. */
  readonly now?: (() => number) | undefined;
  /** The drivers of its profile that are files. */
  readonly modules?: ModuleDrivers | undefined;
}

/**
 * The simulated host in a directory. It reads no XML, so that `list` starts without an XML library.
 *
 * @throws NodedevError `host-not-simulated` when the directory has none; HostError when the directory cannot be read
 */
export function openSimulatedHost(folder: string, options: SimulatedOptions = {}): SimulatedHost {
  const tree = new DiskTree(folder);
  if (tree.kind(HARDWARE) !== 'file') {
    throw new NodedevError('host-not-simulated', `There is no simulated host in '${folder}'`, {
      hint: `Make one: \`initSimulatedHost('${folder}', '${EXAMPLE_PROFILE}')\`.`,
    });
  }
  return simulatedHostOn(tree, options);
}

/** The simulated host in a tree that has one. */
export function simulatedHostOn(tree: DiskTree, options: SimulatedOptions = {}): SimulatedHost {
  const read = (listed: ListedOf): SimulatedHardware => {
    const { cards, ...rest } = parseHardware(tree.read(HARDWARE), options.modules);
    return { ...rest, cards: cards.map((card) => withDescribedTypes(card, listed(card))) };
  };
  const uevents = new UeventLog(tree, options.now ?? Date.now);
  const guard = new TreeGuard(
    tree,
    repairOf(tree, uevents, () => simulation.hardware),
  );
  const simulation: Simulation = new Simulation(
    tree,
    read,
    guard,
    new TreeOccupancy(tree),
    uevents,
    options.modules,
  );
  return new SimulatedHost(simulation);
}
