import { HostError } from '../host.ts';
import { MDEV_DRIVERS } from '../sysfs/paths.ts';
import { heldOn, isBound, type PlacedDevice, plugIn, profileDevices, takeOut } from './plug.ts';
import type { Simulation } from './simulation.ts';
import { finishUnloading, readUnloaded, writeUnloaded } from './unloaded.ts';

/**
 * Registers a driver again: it binds all parents of its cards that are there.
 *
 * @returns the parents
 * @throws HostError EEXIST when it is registered; what binding a parent throws: then nothing of it is left
 */
export function loadDriver(simulation: Simulation, name: string): readonly PlacedDevice[] {
  const { tree } = simulation;
  const unloaded = readUnloaded(tree);
  if (!unloaded.includes(name)) throw new HostError('EEXIST', `${MDEV_DRIVERS}/${name}`);
  writeUnloaded(
    tree,
    unloaded.filter((each) => each !== name),
  );
  const bound: PlacedDevice[] = [];
  try {
    for (const device of parentsOf(simulation, name)) {
      if (tree.kind(device.path) === undefined || isBound(simulation, device)) continue;
      plugIn(simulation, device, 'driver');
      bound.push(device);
    }
  } catch (error) {
    for (const device of bound) takeOut(simulation, device, 'driver', 'take');
    writeUnloaded(tree, unloaded);
    throw error;
  }
  return bound;
}

/**
 * Unregisters a driver: nothing is created any more on the parents of its cards, and they are unregistered as by
 * {@link takeOut}.
 *
 * @throws HostError ENOENT when no card has it, or it is unregistered; EBUSY with the holders: then nothing has been done
 */
export function unloadDriver(
  simulation: Simulation,
  name: string,
  used: Parameters<typeof takeOut>[3],
): readonly PlacedDevice[] {
  const { tree } = simulation;
  const parents = parentsOf(simulation, name);
  const unloaded = readUnloaded(tree);
  const bound = parents.filter((device) => isBound(simulation, device));
  const isThere = parents.length > 0 && (!unloaded.includes(name) || bound.length > 0);
  if (!isThere) throw new HostError('ENOENT', `${MDEV_DRIVERS}/${name}`);
  const held = used === 'refuse' ? bound.flatMap(({ path }) => heldOn(simulation, path)) : [];
  if (held.length > 0) {
    const holders = held.map(({ holder }) => holder);
    throw new HostError('EBUSY', `${MDEV_DRIVERS}/${name}`, { holders });
  }
  if (!unloaded.includes(name)) writeUnloaded(tree, [...unloaded, name]);
  for (const device of bound) takeOut(simulation, device, 'driver', used);
  finishUnloading(simulation);
  return bound;
}

const parentsOf = (simulation: Simulation, name: string): readonly PlacedDevice[] =>
  profileDevices(simulation).filter(
    ({ path }) => simulation.parentAt(path)?.card.driver.name === name,
  );
