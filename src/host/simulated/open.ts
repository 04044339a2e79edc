import { mkdirSync, readdirSync } from 'node:fs';
import { NodedevError } from '../../errors.ts';
import { DiskTree } from '../disk-tree.ts';
import { hostErrorFrom } from '../errno.ts';
import { MemoryTree } from '../memory-tree.ts';
import { file } from '../tree.ts';
import { SimulatedHost } from './host.ts';
import { NO_GUARD, TreeLock } from './lock.ts';
import { materialise } from './materialise.ts';
import { parseProfile } from './parse-profile.ts';
import { PROFILE } from './paths.ts';
import { repair } from './repair.ts';
import { Simulation } from './simulation.ts';
import { UeventBus, UeventLog } from './uevent-sinks.ts';

/** Where a simulated host has the time from; for tests. */
export interface SimulatedOptions {
  /** Milliseconds since the epoch. */
  readonly now?: (() => number) | undefined;
}

/**
 * Makes a simulated host of a profile's text, in a directory that is empty or not there yet.
 *
 * @throws NodedevError `profile-invalid` and what {@link parseProfile} throws, before anything is written;
 * `name-exists` when there is something in the directory; HostError when it cannot be made or read
 */
export function initSimulatedHost(
  folder: string,
  profile: string | Uint8Array,
  options: SimulatedOptions = {},
): SimulatedHost {
  const parsed = parseProfile(profile);
  if (entriesOf(folder).length > 0) {
    throw new NodedevError('name-exists', `The directory '${folder}' is not empty`, {
      hint: 'A simulated host is made in a new directory.',
    });
  }
  const tree = new DiskTree(folder);
  materialise(parsed, tree);
  // Last: a directory without it is no simulated host.
  const text = typeof profile === 'string' ? profile : new TextDecoder().decode(profile);
  tree.plant(PROFILE, file(text, 0o644));
  return openSimulatedHost(folder, options);
}

/** What is in a directory, which is made where it is missing. */
function entriesOf(folder: string): readonly string[] {
  try {
    mkdirSync(folder, { recursive: true });
    return readdirSync(folder);
  } catch (error) {
    throw hostErrorFrom(error, folder);
  }
}

/**
 * The simulated host in a directory.
 *
 * @throws NodedevError `host-not-simulated` when there is none; HostError when the directory cannot be read
 */
export function openSimulatedHost(folder: string, options: SimulatedOptions = {}): SimulatedHost {
  const tree = new DiskTree(folder);
  if (tree.kind(PROFILE) !== 'file') {
    throw new NodedevError('host-not-simulated', `There is no simulated host in '${folder}'`, {
      hint: `Make one: virt-nodedev sim init ${folder} --profile nvidia-m60`,
    });
  }
  return simulatedHostOn(tree, options);
}

/** The simulated host of a tree that is known to be one. */
export function simulatedHostOn(tree: DiskTree, options: SimulatedOptions = {}): SimulatedHost {
  const read = () => parseProfile(tree.read(PROFILE), `${tree.root}${PROFILE}`);
  const guard = new TreeLock(tree, () => repair(tree, simulation.profile));
  const uevents = new UeventLog(tree, options.now ?? Date.now);
  const simulation = new Simulation(tree, read, guard, uevents);
  return new SimulatedHost(simulation);
}

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
