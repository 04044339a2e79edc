import { isUuid } from '../../nodedev/uuid.ts';
import { HostError } from '../host.ts';
import { callOf, isVendorEntry, MDEV_DEVICES } from '../sysfs/paths.ts';
import { answerBinding, boundDevice, refusalOf } from './binding.ts';
import type { ParentWithCard } from './cards.ts';
import { writeAttribute } from './device-attributes.ts';
import { deviceBranches, devicePaths } from './device-tree.ts';
import { FLAT_REQUESTS, flatRequest, flatUuid, writeOnline } from './flat-core.ts';
import { isLeaving } from './leaving-file.ts';
import { kernelOf } from './kernel.ts';
import { PEER_UUID } from '../peer-to-peer.ts';
import { holderOf } from './openings.ts';
import { peerAttributes, writePeerUuid } from './peer-sets.ts';
import { VIRTUAL_VFIO } from './repair.ts';
import { answerType, writeFunctionAttribute } from './function-core.ts';
import { directoryName } from '../tree.ts';
import type { Simulation } from './simulation.ts';
import { ueventsOfCreation, ueventsOfRefusal, ueventsOfRemoval } from './uevents.ts';
import { asksToRemove, uuidToCreate } from './words.ts';

/**
 * Answers a write to a file of the tree like the kernel's mediated device core and the card's driver. The errnos and their
 * precedence were measured on Linux 6.1 and 6.12 (drivers/vfio/mdev/mdev_core.c, mdev_sysfs.c).
 *
 * - `create`: ENOENT for an unknown parent or type; EINVAL for words that are no uuid; ENODEV while the parent is
 *   unregistered, which waits for a last close; EEXIST when the uuid exists
 *   anywhere; then the driver's own errno when there is no room.
 * - `remove`: ENOENT without a device, EINVAL for words that are no number, EBUSY while the device is open (where the
 *   kernel waits for the last close).
 * - with the flat layout of 2016 `mdev_create`, `mdev_destroy` and a device's `online` (flat-core.ts).
 * - `bind` and `unbind` of an mdev driver (binding.ts).
 * - an attribute: ENOENT when there is none, EACCES when it cannot be written; so for every other file.
 */
export function answerWrite(simulation: Simulation, path: string, words: string): void {
  const { tree } = simulation;
  const kind = tree.kind(path);
  if (kind === undefined) throw new HostError('ENOENT', path, { written: words });
  const place = simulation.parentAt(directoryName(directoryName(path)));
  const files = place?.card.functions;
  if (place !== undefined && files !== undefined && words !== '') {
    const name = path.slice(place.parent.path.length + 1);
    if (name === files.current) answerType(simulation, place, files, path, words);
    else if (files.attributes.includes(name))
      writeFunctionAttribute(simulation, place, path, words);
    else throw new HostError('EACCES', path, { written: words });
    return;
  }
  const [, driver, change] = /^\/sys\/bus\/mdev\/drivers\/([^/]+)\/(bind|unbind)$/.exec(path) ?? [];
  if (driver !== undefined && change !== undefined) {
    if (words !== '') answerBinding(simulation, driver, change === 'bind', path, words);
    return;
  }
  const [, createParent, type] = /^(.+)\/mdev_supported_types\/([^/]+)\/create$/.exec(path) ?? [];
  if (createParent !== undefined && type !== undefined) {
    const target = simulation.parentAt(createParent);
    const uuid = uuidToCreate(words);
    const request = uuid === undefined ? undefined : { uuid, type };
    // An empty write reaches no driver.
    if (target !== undefined && words !== '')
      answerCreate(simulation, target, request, path, words);
    return;
  }
  const flat = simulation.parentAt(directoryName(path));
  if (flat !== undefined && FLAT_REQUESTS.some((name) => path.endsWith(`/${name}`))) {
    if (words !== '') answerFlat(simulation, flat, path, words);
    return;
  }
  const [, parent, uuid, entry] = /^(.+)\/([0-9a-f-]{36})\/(.+)$/.exec(path) ?? [];
  const target = parent === undefined ? undefined : simulation.parentAt(parent);
  if (target === undefined || uuid === undefined || entry === undefined || !isUuid(uuid)) {
    throw new HostError('EACCES', path, { written: words });
  }
  if (entry === 'remove') {
    if (words !== '') answerRemove(simulation, target, uuid, path, words);
  } else if (entry === PEER_UUID) {
    if (words !== '') writePeerUuid(simulation, target, path, words);
  } else if (entry === 'online') {
    if (words !== '') writeOnline(tree, path, words, uuid);
  } else if (isVendorEntry(entry.split('/')[0] ?? '')) {
    writeAttribute(simulation, target, path, words);
  } else {
    throw new HostError('EACCES', path, { written: words });
  }
}

/** Answers a write to `mdev_create` or `mdev_destroy` (ENODEV for a device that the parent does not have). */
function answerFlat(
  simulation: Simulation,
  target: ParentWithCard,
  path: string,
  words: string,
): void {
  const { tree } = simulation;
  const { path: parentPath } = target.parent;
  if (callOf(path) === 'create') {
    answerCreate(simulation, target, flatRequest(tree, parentPath, words), path, words);
    return;
  }
  const uuid = flatUuid(words);
  const errno = uuid === undefined ? 'EINVAL' : 'ENODEV';
  if (uuid === undefined || tree.kind(`${parentPath}/${uuid}`) === undefined) {
    throw new HostError(errno, path, { written: words });
  }
  removeUnused(simulation, target, uuid, path, words);
}

function answerCreate(
  simulation: Simulation,
  target: ParentWithCard,
  request: { readonly uuid: string; readonly type: string | undefined } | undefined,
  path: string,
  words: string,
): void {
  const { tree, guard, occupancy, uevents } = simulation;
  const { card, parent } = target;
  const refuse = (errno: string): HostError => new HostError(errno, path, { written: words });
  if (request === undefined) throw refuse('EINVAL');
  const { uuid } = request;
  if (isLeaving(tree, parent.path)) throw refuse('ENODEV');
  if (tree.kind(`${MDEV_DEVICES}/${uuid}`) !== undefined) throw refuse('EEXIST');
  const kernel = kernelOf(simulation.hardware);
  const type = card.types.find(({ id }) => id === request.type);
  if (type === undefined) throw refuse(kernel.flat === true ? 'EINVAL' : 'ENOENT');
  const before = occupancy.snapshot(card);
  const attributes = card.driver.deviceAttributes(uuid, type);
  const made = { uuid, parent: parent.address, type: type.id };
  const errno = refusalOf(card.driver, kernel, before, made, type);
  if (errno !== undefined) {
    // The core's own counter refuses before the device exists; a driver refuses afterwards.
    if (errno !== 'EUSERS') uevents.emit(() => ueventsOfRefusal(parent.path, uuid));
    throw refuse(errno);
  }
  const device = boundDevice(simulation, target, {
    uuid,
    type: type.id,
    attributes: [...attributes, ...peerAttributes(card)],
  });
  const { attributes: _, ...facts } = device;
  try {
    guard.changing({ do: 'create', device: facts, log: uevents.position() }, () => {
      if (device.group !== undefined) tree.ensureDirectory(VIRTUAL_VFIO);
      for (const [at, branch] of deviceBranches(device)) tree.plant(at, branch);
      occupancy.created(card, before, device);
      uevents.emit(() => ueventsOfCreation(device));
    });
  } catch (error) {
    card.driver.remove?.(before, made);
    throw error;
  }
}

function answerRemove(
  simulation: Simulation,
  target: ParentWithCard,
  uuid: string,
  path: string,
  words: string,
): void {
  const asks = asksToRemove(words);
  if (asks === undefined) throw new HostError('EINVAL', path, { written: words });
  if (asks) removeUnused(simulation, target, uuid, path, words);
}

function removeUnused(
  simulation: Simulation,
  target: ParentWithCard,
  uuid: string,
  path: string,
  words: string,
): void {
  const holder = holderOf(simulation.tree, uuid);
  if (holder !== undefined) {
    throw new HostError('EBUSY', path, { written: words, holders: [holder] });
  }
  removeDevice(simulation, target, uuid);
}

/** Removes a device that is not open. */
export function removeDevice(simulation: Simulation, target: ParentWithCard, uuid: string): void {
  const { tree, guard, occupancy, uevents } = simulation;
  const device = occupancy.factsOf(target, uuid);
  const before = occupancy.snapshot(target.card);
  guard.changing({ do: 'remove', device, log: uevents.position() }, (discard) => {
    for (const at of devicePaths(device).toReversed()) discard(at);
    tree.pruneEmpty(VIRTUAL_VFIO);
    occupancy.removed(target.card, before, device);
    uevents.emit(() => ueventsOfRemoval(device));
  });
  const { parent, card } = target;
  // Of an unbound device it was called then.
  if (device.driver === undefined) return;
  card.driver.remove?.(before, { uuid, parent: parent.address, type: device.type });
}
