import { isUuid } from '../../nodedev/uuid.ts';
import { typesPath } from '../sysfs/mdev-layout.ts';
import { DEV_VFIO, IOMMU_GROUPS, MDEV_BUS, MDEV_DEVICES } from '../sysfs/paths.ts';
import { iommuGroupOf, namesIfAny } from '../sysfs/values.ts';
import { baseName, directoryName, pruneIfAny, resolveLink, type Tree } from '../tree.ts';
import type { Uevent } from '../uevent.ts';
import { isRegistered, type ParentWithCard } from './cards.ts';
import { FLAT_REQUESTS } from './flat-core.ts';
import { clearType, pruneVfioDevice } from './function-core.ts';
import { type Leaving, readLeaving, writeLeaving } from './leaving-file.ts';
import { removeDevice } from './mdev-core.ts';
import { holderOf } from './openings.ts';
import { DISCARDED } from './paths.ts';
import type { Simulation } from './simulation.ts';
import { finishUnloading } from './unloaded.ts';
import { isSameUevent, ueventsOfArrival, ueventsOfDeparture } from './uevents.ts';

/**
 * Goes on with everything that is leaving. What has a device in use is left for the last close, and with it what it is
 * plugged into.
 */
export function finishLeaving(simulation: Simulation): void {
  const { tree } = simulation;
  let all = readLeaving(tree);
  for (const leaving of all) {
    const isGone =
      !all.some((other) => isBelow(tree, other, leaving)) && leave(simulation, leaving);
    if (!isGone && leaving.waits === true) continue;
    all = isGone
      ? all.filter((one) => one !== leaving)
      : all.map((one) => (one === leaving ? { ...leaving, waits: true } : one));
    writeLeaving(tree, all);
  }
  finishUnloading(simulation);
}

/** Whether a device is plugged into another, or is a virtual function of it. */
const isBelow = (tree: Tree, one: Leaving, other: Leaving): boolean =>
  one.path.startsWith(`${other.path}/`) || linkIn(tree, `${one.path}/physfn`) === other.path;

/** Unused devices first, then the driver, then the device, as the kernel goes. Returns false while a device is in use. */
function leave(simulation: Simulation, leaving: Leaving): boolean {
  const { tree, occupancy, uevents } = simulation;
  const { path, what, driver } = leaving;
  const target = simulation.parentAt(path);
  if (target !== undefined && isRegistered(tree, target.card, target.parent)) {
    const uuids = devicesOn(simulation, target);
    const held = uuids.filter((uuid) => holderOf(tree, uuid) !== undefined);
    for (const uuid of uuids) if (!held.includes(uuid)) removeFrom(simulation, target, uuid);
    if (held.length > 0) return false;
  }
  if (target !== undefined) unregister(tree, target);
  if (tree.kind(path) !== undefined) {
    if (driver !== undefined) unbind(tree, path, driver);
    if (what === 'driver') countFunctions(tree, path);
    if (what === 'device') takeAway(tree, path);
  }
  if (target !== undefined) occupancy.parentsChanged(target.card);
  const departure = ueventsOfDeparture(leaving, target?.card);
  const arrival = ueventsOfArrival(leaving, target?.card);
  const isLast = (list: readonly Uevent[], uevent: Uevent): boolean => {
    const last = list.at(-1);
    return last !== undefined && isSameUevent(last, uevent);
  };
  const told = uevents
    .since(leaving.log)
    .findLast((uevent) => isLast(departure, uevent) || isLast(arrival, uevent));
  const wasThere = told === undefined ? leaving.wasThere : isLast(arrival, told);
  if (wasThere) uevents.emit(() => departure);
  return true;
}

/** The devices of a parent, also a function's own. */
export function devicesOn(
  { occupancy, tree }: Simulation,
  { card, parent }: ParentWithCard,
): readonly string[] {
  if (card.functions === undefined) {
    const isDevice = (name: string): boolean =>
      isUuid(name) && tree.kind(`${MDEV_DEVICES}/${name}`) !== undefined;
    return namesIfAny(tree, parent.path).filter(isDevice);
  }
  const { devices } = occupancy.snapshot(card);
  return devices.filter((device) => device.parent === parent.address).map(({ uuid }) => uuid);
}

function removeFrom(simulation: Simulation, target: ParentWithCard, uuid: string): void {
  const { functions } = target.card;
  if (functions === undefined) removeDevice(simulation, target, uuid);
  else clearType(simulation, target, functions);
}

/** Takes away what makes a device a parent, first of all what readers know it by. */
function unregister(tree: Tree, { card, parent: { path, address } }: ParentWithCard): void {
  const { functions } = card;
  if (functions === undefined) {
    pruneIfAny(tree, `${MDEV_BUS}/${address}`);
    for (const name of FLAT_REQUESTS) pruneIfAny(tree, `${path}/${name}`);
    moveAway(tree, typesPath(path));
    return;
  }
  moveAway(tree, `${path}/${functions.current}`.replace(/\/[^/]+$/, ''));
  pruneVfioDevice(tree, path);
  moveAway(tree, `${path}/vfio-dev`);
  const group = iommuGroupOf(tree, path);
  if (group !== undefined) pruneIfAny(tree, `${DEV_VFIO}/${group}`);
}

function unbind(tree: Tree, path: string, driver: string): void {
  const home = homeOf(tree, path);
  if (home !== undefined) pruneIfAny(tree, `${home}/drivers/${driver}/${baseName(path)}`);
  const uevent = tree.read(`${path}/uevent`);
  const without = uevent.replace(/^DRIVER=.*\n/u, '');
  if (without !== uevent) tree.replace(`${path}/uevent`, without);
  pruneIfAny(tree, `${path}/driver`);
}

/** Takes a device from its bus, and out of its IOMMU group. Its own folder comes last. */
function takeAway(tree: Tree, path: string): void {
  const name = baseName(path);
  const home = homeOf(tree, path);
  if (home !== undefined) pruneIfAny(tree, entryOf(home, name));
  const physical = linkIn(tree, `${path}/physfn`);
  for (const entry of physical === undefined ? [] : namesIfAny(tree, physical)) {
    const link = `${physical}/${entry}`;
    if (/^virtfn\d+$/.test(entry) && linkIn(tree, link) === path) tree.prune(link);
  }
  const group = iommuGroupOf(tree, path);
  if (group !== undefined) {
    const members = `${IOMMU_GROUPS}/${group}/devices`;
    pruneIfAny(tree, `${members}/${name}`);
    if (namesIfAny(tree, members).length === 0) pruneIfAny(tree, `${IOMMU_GROUPS}/${group}`);
  }
  moveAway(tree, path);
}

/** How many virtual functions a physical one says it has. */
export function countFunctions(tree: Tree, path: string): void {
  const count = `${path}/sriov_numvfs`;
  if (tree.kind(count) === undefined) return;
  const links = namesIfAny(tree, path).filter((name) => /^virtfn\d+$/u.test(name));
  tree.replace(count, `${links.length}\n`);
}

/** The bus or class of a device, by its own link. */
export const homeOf = (tree: Tree, path: string): string | undefined =>
  linkIn(tree, `${path}/subsystem`);

/** Where a bus has a device; a class has it itself. */
const entryOf = (home: string, name: string): string =>
  home.startsWith('/sys/bus/') ? `${home}/devices/${name}` : `${home}/${name}`;

function linkIn(tree: Tree, path: string): string | undefined {
  if (tree.kind(path) !== 'link') return undefined;
  return resolveLink(directoryName(path), tree.readLink(path));
}

/** Removes a folder, which is gone for readers at once. */
function moveAway(tree: Tree, path: string): void {
  if (tree.kind(path) === undefined) return;
  const aside = `${DISCARDED}/left`;
  pruneIfAny(tree, aside);
  tree.rename(path, aside);
  tree.prune(aside);
}
