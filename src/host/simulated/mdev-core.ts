import { HostError } from '../host.ts';
import { IOMMU_GROUPS, isUuid, isVendorEntry, MDEV_DEVICES } from '../sysfs/paths.ts';
import { iommuGroupOf, linkName, namesIfAny } from '../sysfs/values.ts';

import { snapshotOf } from '../sysfs/card.ts';
import { type Place, updateChangedCounts } from './cards.ts';
import { type DeviceFacts, deviceBranches, devicePaths } from './device-tree.ts';
import { lowestFree } from './numbers.ts';
import { holderOf } from './openings.ts';
import { pruneEmpty, VIRTUAL_VFIO } from './repair.ts';
import type { Simulation } from './simulation.ts';
import { ueventsOfCreation, ueventsOfRefusal, ueventsOfRemoval } from './uevents.ts';
import { asksToRemove, uuidToCreate } from './words.ts';

const nobody = (): undefined => undefined;

/**
 * Answers a write to a file of the tree as the kernel's mediated device core and the card's driver do, errnos and
 * their precedence measured on Linux 6.1 and 6.12 (drivers/vfio/mdev/mdev_core.c, mdev_sysfs.c).
 *
 * - `create`: ENOENT for an unknown parent or type; EINVAL for words that are no uuid; EEXIST when the uuid exists
 *   anywhere; then the driver's own errno when there is no room.
 * - `remove`: ENOENT without a device, EINVAL for words that are no number, EBUSY while the device is open (where the
 *   kernel waits for the last close).
 * - an attribute: ENOENT when there is none, EACCES when it cannot be written; so for every other file.
 */
export function answerWrite(simulation: Simulation, path: string, words: string): void {
  const { tree } = simulation;
  const kind = tree.kind(path);
  if (kind === undefined) throw new HostError('ENOENT', path, { written: words });
  const [, createParent, type] = /^(.+)\/mdev_supported_types\/([^/]+)\/create$/.exec(path) ?? [];
  if (createParent !== undefined && type !== undefined) {
    const place = simulation.place(createParent);
    // An empty write reaches no driver.
    if (place !== undefined && words !== '') answerCreate(simulation, place, type, path, words);
    return;
  }
  const [, parent, uuid, entry] = /^(.+)\/([0-9a-f-]{36})\/(.+)$/.exec(path) ?? [];
  const place = parent === undefined ? undefined : simulation.place(parent);
  if (place === undefined || uuid === undefined || entry === undefined || !isUuid(uuid)) {
    throw new HostError('EACCES', path, { written: words });
  }
  if (entry === 'remove') {
    if (words !== '') answerRemove(simulation, place, uuid, path, words);
  } else if (isVendorEntry(entry.split('/')[0] ?? '')) {
    writeAttribute(simulation, path, words);
  } else {
    throw new HostError('EACCES', path, { written: words });
  }
}

/** A driver shows its attribute's value with a final newline, whether or not one was written. */
function writeAttribute({ tree }: Simulation, path: string, words: string): void {
  try {
    tree.write(path, words.endsWith('\n') || words === '' ? words : `${words}\n`);
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    throw new HostError(error.errno, error.path, { written: words, cause: error.cause });
  }
}

function answerCreate(
  simulation: Simulation,
  place: Place,
  typeId: string,
  path: string,
  words: string,
): void {
  const { tree } = simulation;
  const { card, parent } = place;
  const refuse = (errno: string): HostError => new HostError(errno, path, { written: words });
  const uuid = uuidToCreate(words);
  if (uuid === undefined) throw refuse('EINVAL');
  if (tree.kind(`${MDEV_DEVICES}/${uuid}`) !== undefined) throw refuse('EEXIST');
  const type = card.types.find(({ id }) => id === typeId);
  if (type === undefined) throw refuse('ENOENT');
  const before = snapshotOf(tree, card, nobody);
  const errno = card.driver.refusal(before, parent.address, type);
  if (errno !== undefined) {
    // The core's own counter refuses before there is a device; a driver afterwards.
    if (errno !== 'EUSERS') simulation.uevents.emit(() => ueventsOfRefusal(parent.path, uuid));
    throw refuse(errno);
  }
  const device: DeviceFacts = {
    uuid,
    parentPath: parent.path,
    type: typeId,
    driver: card.driver.mdevDriver,
    group: lowestFree(tree, IOMMU_GROUPS),
    index: lowestFree(tree, '/sys/class/vfio-dev', 'vfio'),
    attributes: card.driver.deviceAttributes(uuid, type),
  };
  simulation.guard.changing(() => {
    tree.ensureDirectory(VIRTUAL_VFIO);
    for (const [at, branch] of deviceBranches(device)) tree.plant(at, branch);
    const devices = [...before.devices, { uuid, parent: parent.address, type: typeId }];
    updateChangedCounts(tree, card, before, { ...before, devices });
  });
  simulation.uevents.emit(() => ueventsOfCreation(device));
}

function answerRemove(
  simulation: Simulation,
  place: Place,
  uuid: string,
  path: string,
  words: string,
): void {
  const asks = asksToRemove(words);
  if (asks === undefined) throw new HostError('EINVAL', path, { written: words });
  if (!asks) return;
  const holder = holderOf(simulation.tree, uuid);
  if (holder !== undefined) {
    throw new HostError('EBUSY', path, { written: words, holders: [holder] });
  }
  removeDevice(simulation, place, uuid);
}

/** Takes a device away that nobody holds. */
export function removeDevice(simulation: Simulation, { card, parent }: Place, uuid: string): void {
  const { tree } = simulation;
  const device = factsOf(simulation, { card, parent }, uuid);
  const before = snapshotOf(tree, card, nobody);
  simulation.guard.changing(() => {
    for (const at of devicePaths(device).toReversed()) tree.prune(at);
    pruneEmpty(tree, VIRTUAL_VFIO);
    const devices = before.devices.filter((other) => other.uuid !== uuid);
    updateChangedCounts(tree, card, before, { ...before, devices });
  });
  simulation.uevents.emit(() => ueventsOfRemoval(device));
}

/** What the tree says of a device, as far as its removal needs it. */
function factsOf({ tree }: Simulation, { card, parent }: Place, uuid: string): DeviceFacts {
  const path = `${parent.path}/${uuid}`;
  const type = linkName(tree, `${path}/mdev_type`);
  const group = iommuGroupOf(tree, path);
  const [vfioDevice = ''] = namesIfAny(tree, `${path}/vfio-dev`);
  const index = Number(/^vfio(\d+)$/.exec(vfioDevice)?.[1] ?? Number.NaN);
  if (type === undefined || group === undefined || Number.isNaN(index)) {
    throw new HostError('EBADMSG', path);
  }
  const driver = card.driver.mdevDriver;
  return { uuid, parentPath: parent.path, type, driver, group, index, attributes: [] };
}
