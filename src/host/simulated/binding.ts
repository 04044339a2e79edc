import type { Card, CardDevice, CardType, Driver } from '../../drivers/driver.ts';
import { isUuid } from '../../nodedev/uuid.ts';
import { HostError } from '../host.ts';
import { MDEV_DEVICES } from '../sysfs/paths.ts';
import { keepsRoom } from '../sysfs/room-of-unbound.ts';
import { linkName } from '../sysfs/values.ts';
import { directoryName, resolveLink } from '../tree.ts';
import type { ParentWithCard } from './cards.ts';
import { type DeviceFacts, deviceBranches, deviceEntries, driverLine } from './device-tree.ts';
import { isOfVfio, kernelOf, type KernelRules, mdevDriverOf, nodesOf } from './kernel.ts';
import { isLeaving } from './leaving-file.ts';
import { withDevice, withoutDevice } from './occupancy.ts';
import { holderOf } from './openings.ts';
import { VIRTUAL_VFIO } from './repair.ts';
import type { Simulation } from './simulation.ts';
import { isBoundDevice, partsOfBinding, unboundOf } from './unbound.ts';
import { ueventsOfBinding, ueventsOfUnbinding } from './uevents.ts';

/** The facts of a device that its driver is about to bind, with the lowest free numbers. */
export function boundDevice(
  { hardware, occupancy }: Simulation,
  { card, parent }: ParentWithCard,
  { uuid, type, attributes }: Pick<DeviceFacts, 'uuid' | 'type' | 'attributes'>,
): DeviceFacts {
  const kernel = kernelOf(hardware);
  const numbers = occupancy.nextNumbers();
  const nodes = nodesOf(kernel, card);
  return {
    uuid,
    parentPath: parent.path,
    type,
    driver: mdevDriverOf(kernel, card.driver),
    ...(nodes.group ? { group: numbers.group } : {}),
    ...(kernel.vfioDev && isOfVfio(card) ? { index: numbers.index, cdev: nodes.own } : {}),
    flat: kernel.flat,
    attributes,
  };
}

/**
 * The errno by which a device is refused: of a driver that has no room or does not probe it. Before the core counted, drivers said
 * ENOSPC for what is EUSERS since.
 */
export function refusalOf(
  driver: Driver,
  { coreCounts }: KernelRules,
  before: Card,
  device: CardDevice,
  type: CardType,
): string | undefined {
  const errno = driver.refusal(before, device.parent, type) ?? driver.probe?.(before, device);
  return errno === 'EUSERS' && !coreCounts ? 'ENOSPC' : errno;
}

/**
 * Answers a write to `bind` or `unbind` of an mdev driver, as drivers/base/bus.c does: ENODEV for what is not on the bus, for
 * unbinding what is not bound to it, and for binding what is bound. Since Linux 5.14 every binding is ENODEV: no driver
 * matches, only the core binds (mdev_match in drivers/vfio/mdev/mdev_driver.c). EBUSY while it is open, where the kernel waits.
 */
export function answerBinding(
  simulation: Simulation,
  driver: string,
  binds: boolean,
  path: string,
  words: string,
): void {
  const { tree, hardware } = simulation;
  const uuid = words.replace(/\n$/, '');
  const target = isUuid(uuid) ? parentOf(simulation, uuid) : undefined;
  const { shim } = kernelOf(hardware);
  const bound = target && linkName(tree, `${target.parent.path}/${uuid}/driver`);
  const isFree = binds ? shim && bound === undefined : bound === driver;
  if (target === undefined || !isFree) throw new HostError('ENODEV', path, { written: words });
  if (binds) bindDevice(simulation, uuid);
  else unbindDevice(simulation, uuid);
}

/**
 * Binds a device to its driver, as the core does. A driver that gave its place back has to have room again.
 *
 * @throws HostError ENODEV when it is not there, or its parent is leaving; EEXIST when it is bound; the errno of the driver
 */
export function bindDevice(simulation: Simulation, uuid: string): void {
  const { tree, guard, occupancy, uevents } = simulation;
  const target = requireParent(simulation, uuid);
  const { card, parent } = target;
  const path = `${parent.path}/${uuid}`;
  if (isLeaving(tree, parent.path)) throw new HostError('ENODEV', parent.path);
  const old = occupancy.factsOf(target, uuid);
  if (isBoundDevice(tree, old)) throw new HostError('EEXIST', `${path}/driver`);
  const type = card.types.find(({ id }) => id === old.type);
  if (type === undefined) throw new HostError('ENODEV', path);
  const now = occupancy.snapshot(card);
  const before = withoutDevice(now, old);
  const attributes = card.driver.deviceAttributes(uuid, type);
  const device = boundDevice(simulation, target, { uuid, type: old.type, attributes });
  // One shim for all does not ask the parent's driver.
  const kernel = kernelOf(simulation.hardware);
  const asked = kernel.shim ? undefined : card.driver;
  const made = { uuid, parent: parent.address, type: old.type };
  const errno = asked && refusalOf(asked, kernel, before, made, type);
  if (errno !== undefined) throw new HostError(errno, `${path}/driver`);
  const { attributes: _, ...facts } = device;
  try {
    guard.changing({ do: 'bind', device: facts, log: uevents.position() }, () => {
      if (device.group !== undefined) tree.ensureDirectory(VIRTUAL_VFIO);
      for (const [at, branch] of deviceBranches(device)) {
        if (tree.kind(at) === undefined) tree.plant(at, branch);
      }
      const entries = deviceEntries(device, path);
      for (const [name, branch] of entries) {
        if (name !== 'driver' && tree.kind(`${path}/${name}`) === undefined) {
          tree.plant(`${path}/${name}`, branch);
        }
      }
      tree.replace(`${path}/uevent`, driverLine(device.driver));
      for (const [name, branch] of entries) {
        if (name === 'driver') tree.plant(`${path}/driver`, branch);
      }
      occupancy.rebound(card, now, withDevice(before, device), device);
      uevents.emit(() => ueventsOfBinding(device));
    });
  } catch (error) {
    asked?.remove?.(before, made);
    throw error;
  }
}

/**
 * Unbinds a device from its driver: the device stays, its place on the card by {@link keepsRoom}. Its group, its VFIO device, their nodes and the
 * driver's attributes go.
 *
 * @throws HostError ENODEV when it is not there, or is bound to none; EBUSY with the holder
 */
export function unbindDevice(simulation: Simulation, uuid: string): void {
  const { tree, guard, occupancy, uevents } = simulation;
  const target = requireParent(simulation, uuid);
  const { card, parent } = target;
  const path = `${parent.path}/${uuid}`;
  const { attributes: _, ...device } = occupancy.factsOf(target, uuid);
  if (!isBoundDevice(tree, device)) throw new HostError('ENODEV', `${path}/driver`);
  const holder = holderOf(tree, uuid);
  if (holder !== undefined) throw new HostError('EBUSY', path, { holders: [holder] });
  const kernel = kernelOf(simulation.hardware);
  const before = occupancy.snapshot(card);
  const after = keepsRoom(tree, device.type) ? before : withoutDevice(before, device);
  guard.changing(
    { do: 'unbind', device, log: uevents.position() },
    (discard) => {
      for (const at of partsOfBinding(tree, device, kernel)) discard(at);
      tree.pruneEmpty(VIRTUAL_VFIO);
      tree.replace(`${path}/uevent`, '');
      occupancy.rebound(card, before, after, unboundOf(device));
      uevents.emit(() => ueventsOfUnbinding(device));
    },
    () => {
      tree.replace(`${path}/uevent`, driverLine(device.driver));
    },
  );
  if (kernel.shim) return;
  card.driver.remove?.(before, { uuid, parent: parent.address, type: device.type });
}

function requireParent(simulation: Simulation, uuid: string): ParentWithCard {
  const target = parentOf(simulation, uuid);
  if (target === undefined) throw new HostError('ENODEV', `${MDEV_DEVICES}/${uuid}`);
  return target;
}

/** The parent of a device on the bus. */
function parentOf(simulation: Simulation, uuid: string): ParentWithCard | undefined {
  const { tree } = simulation;
  const on = `${MDEV_DEVICES}/${uuid}`;
  if (tree.kind(on) !== 'link') return undefined;
  return simulation.parentAt(directoryName(resolveLink(MDEV_DEVICES, tree.readLink(on))));
}
