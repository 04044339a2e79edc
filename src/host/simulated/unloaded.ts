import * as v from 'valibot';
import type { Driver } from '../../drivers/driver.ts';
import { MDEV_DRIVERS } from '../sysfs/paths.ts';
import { pruneIfAny, type Tree } from '../tree.ts';
import { isRegistered } from './cards.ts';
import { readList, writeList } from './json-file.ts';
import { kernelOf, type KernelRules, mdevDriverOf } from './kernel.ts';
import { readLeaving } from './leaving-file.ts';
import { UNLOADED } from './paths.ts';
import type { SimulatedCard } from './profile.ts';
import type { Simulation } from './simulation.ts';

/** The names of the drivers that are unregistered. */
export const readUnloaded = (tree: Tree): readonly string[] =>
  readList(tree, UNLOADED, v.array(v.string()));

export function writeUnloaded(tree: Tree, names: readonly string[]): void {
  writeList(tree, UNLOADED, names);
}

/** Whether a driver is registered: only then it binds what it is the driver of. */
export const isLoaded = (tree: Tree, { name }: Pick<Driver, 'name'>): boolean =>
  !readUnloaded(tree).includes(name);

/** Takes the mdev drivers from their bus that are unregistered and have no parent left. */
export function finishUnloading(simulation: Simulation): void {
  const { tree } = simulation;
  const unloaded = readUnloaded(tree);
  if (unloaded.length === 0 || readLeaving(tree).length > 0) return;
  const { hardware } = simulation;
  const kernel = kernelOf(hardware);
  const busName = (card: SimulatedCard): string => mdevDriverOf(kernel, card.driver);
  const isGone = (card: SimulatedCard): boolean =>
    unloaded.includes(card.driver.name) &&
    !card.parents.some((parent) => isRegistered(tree, card, parent));
  const kept = new Set(hardware.cards.filter((card) => !isGone(card)).map(busName));
  for (const card of hardware.cards.filter(isGone)) {
    if (!kept.has(busName(card))) takeOffBus(tree, kernel, card.driver);
  }
}

/** Takes a card's own mdev driver from its bus. One that binds the devices of all stays. */
export function takeOffBus(tree: Tree, kernel: KernelRules, driver: Driver): void {
  if (kernel.shim) return;
  const name = mdevDriverOf(kernel, driver);
  pruneIfAny(tree, `${MDEV_DRIVERS}/${name}`);
  pruneIfAny(tree, `/sys/module/${driver.name}/drivers/mdev:${name}`);
}
