import type { Card, CardDevice } from '../../drivers/driver.ts';
import { type HostDevice, HostError } from '../host.ts';
import { DEV_VFIO, MDEV_DEVICES } from '../sysfs/paths.ts';
import { FunctionFramework } from '../sysfs/function-framework.ts';
import { tellPeerSets } from './peer-sets.ts';
import { deviceNodes } from '../sysfs/device-nodes.ts';
import { directoryName } from '../tree.ts';
import type { ParentWithCard } from './cards.ts';
import { isOffline } from './flat-core.ts';
import { isOfVfio } from './kernel.ts';
import {
  type DeviceHolder,
  holderName,
  holderOf,
  markOpen,
  openDevices,
  openMark,
} from './openings.ts';
import type { SimulatedCard } from './profile.ts';
import type { Simulation } from './simulation.ts';

/** The result of opening or closing devices. */
export interface OpenResult {
  readonly devices: readonly HostDevice[];
  /** Parents of the cards where the driver committed (at the first open) or freed (at the last close) the VM's resources. */
  readonly cards: readonly string[];
}

/**
 * Opens devices for a VM, all or none. A card's driver commits the VM's resources when the VM opens its first device there.
 *
 * @throws HostError ENODEV when a device does not exist, is bound to no driver, or is no device of VFIO; EBUSY with the holder when one is open already; the driver's errno
 * when it does not add a device to a running VM; with the layout of 2016 ENXIO for one that is not online
 */
export function openAll(
  simulation: Simulation,
  devices: readonly HostDevice[],
  holder: DeviceHolder,
): OpenResult {
  const { tree, guard } = simulation;
  const wanted = devices.map((device) => ({ device, target: targetOf(simulation, device) }));
  const before = openDevices(tree);
  const taken = new Set<string>();
  for (const one of wanted) {
    const { device } = one;
    const { uuid } = device.ref;
    const current = taken.has(uuid) ? holder : holderOf(tree, uuid);
    const node = nodeOf(simulation, device);
    if (current !== undefined) throw new HostError('EBUSY', node, { holders: [current] });
    taken.add(uuid);
    const errno = hotplugErrno(simulation, one, 'open', holder, before);
    if (errno !== undefined) throw new HostError(errno, node);
    const isBound = tree.kind(`${device.path}/driver`) !== undefined;
    if (!isOfVfio(one.target.card) || (device.ref.framework === 'mdev' && !isBound)) {
      throw new HostError('ENODEV', `${device.path}/driver`);
    }
    if (isOffline(tree, device.path)) throw new HostError('ENXIO', node);
  }
  const cards = cardsWithout(simulation, wanted, holderName(holder), before);
  const opened: Wanted[] = [];
  const ask = (call: 'open' | 'reset', one: Wanted): void => {
    const errno = one.target.card.driver[call]?.(...callOf(simulation, one, holder, before));
    if (errno !== undefined) throw new HostError(errno, nodeOf(simulation, one.device));
  };
  try {
    for (const one of wanted) {
      ask('open', one);
      opened.push(one);
    }
    // A process that opens the file itself resets nothing.
    if (holder.domain !== undefined) for (const one of wanted) ask('reset', one);
    guard.changing({ do: 'open', uuids: [...taken] }, () => {
      for (const uuid of taken) markOpen(tree, uuid, holder);
    });
  } catch (error) {
    tellClosed(simulation, opened.toReversed(), holder, before);
    throw error;
  }
  tellCalls(simulation);
  return { devices, cards };
}

/** Tells drivers that these devices are closed though nobody closed them: they were taken from their holders. */
export function tellTaken(
  simulation: Simulation,
  { card, parent }: ParentWithCard,
  taken: ReadonlyMap<string, string>,
): void {
  const snapshot = simulation.occupancy.snapshot(card);
  for (const device of snapshot.devices) {
    const holder = taken.get(device.uuid);
    if (holder === undefined || device.parent !== parent.address) continue;
    card.driver.close?.(snapshot, { ...device, holder });
  }
}

interface Wanted {
  readonly device: HostDevice;
  readonly target: ParentWithCard;
}

/** The arguments of a driver's calls about a device that `holder` has or opens. */
function callOf(
  { occupancy }: Simulation,
  { device: { ref, type }, target: { card, parent } }: Wanted,
  holder: DeviceHolder,
  open: ReadonlyMap<string, string>,
): [Card, CardDevice] {
  const device = { uuid: ref.uuid, parent: parent.address, type, holder: holderName(holder) };
  return [occupancy.snapshot(card, (uuid) => open.get(uuid)), device];
}

function tellClosed(
  simulation: Simulation,
  closed: readonly Wanted[],
  holder: DeviceHolder,
  open: ReadonlyMap<string, string>,
): void {
  for (const one of closed) {
    one.target.card.driver.close?.(...callOf(simulation, one, holder, open));
  }
}

/**
 * Closes devices of a VM, all or none. The VM's resources on a card are freed with its last device there.
 *
 * @throws HostError EBADF when the VM does not hold a device; the driver's errno when it does not remove a device from a
 * running VM
 */
export function closeAll(
  simulation: Simulation,
  devices: readonly HostDevice[],
  holder: DeviceHolder,
): OpenResult {
  const { tree, guard } = simulation;
  const held = devices.map((device) => ({ device, target: targetOf(simulation, device) }));
  const after = new Map(openDevices(tree));
  for (const { device } of held) {
    if (after.get(device.ref.uuid) !== holderName(holder)) {
      throw new HostError('EBADF', nodeOf(simulation, device));
    }
    after.delete(device.ref.uuid);
  }
  for (const one of held) {
    const errno = hotplugErrno(simulation, one, 'close', holder, after);
    if (errno !== undefined) throw new HostError(errno, nodeOf(simulation, one.device));
  }
  const cards = cardsWithout(simulation, held, holderName(holder), after);
  const uuids = held.map(({ device }) => device.ref.uuid);
  guard.changing({ do: 'close', uuids }, (discard) => {
    for (const uuid of uuids) discard(openMark(uuid));
  });
  tellClosed(simulation, held, holder, after);
  tellCalls(simulation);
  return { devices, cards };
}

/** Devices are open or closed now. What could not be told of it is told before the next change. */
function tellCalls(simulation: Simulation): void {
  try {
    tellPeerSets(simulation);
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
  }
}

/** Makes a device that works, for who opens it; undefined: its driver has no model of it. */
export function modelOf(simulation: Simulation, device: HostDevice): ReturnType<Model> | undefined {
  const { card } = targetOf(simulation, device);
  const type = card.types.find(({ id }) => id === device.type);
  return type && card.driver.model?.(type);
}

type Model = NonNullable<SimulatedCard['driver']['model']>;

/** The driver's errno for a change of a VM that also holds other devices of the card. */
function hotplugErrno(
  simulation: Simulation,
  one: Wanted,
  change: 'open' | 'close',
  holder: DeviceHolder,
  others: ReadonlyMap<string, string>,
): string | undefined {
  const [card, device] = callOf(simulation, one, holder, others);
  return one.target.card.driver.hotplugRefusal(card, change, device);
}

/** The first parents of those devices' cards on which the holder of this name has no open device. */
function cardsWithout(
  { occupancy }: Simulation,
  touched: readonly { readonly target: ParentWithCard }[],
  name: string,
  open: ReadonlyMap<string, string>,
): readonly string[] {
  const cards = new Set<SimulatedCard>(touched.map(({ target }) => target.card));
  return [...cards]
    .filter(
      (card) =>
        !occupancy
          .snapshot(card, (uuid) => open.get(uuid))
          .devices.some(({ holder }) => holder === name),
    )
    .map((card) => card.parents[0]?.address ?? '');
}

function targetOf(simulation: Simulation, device: HostDevice): ParentWithCard {
  const { ref, path } = device;
  const isFunction = ref.framework === 'vfio-variant';
  const target = simulation.parentAt(isFunction ? path : directoryName(path));
  const isActive = isFunction
    ? new FunctionFramework(simulation.tree).find(ref.uuid) !== undefined
    : simulation.tree.kind(`${MDEV_DEVICES}/${ref.uuid}`) !== undefined;
  if (target === undefined || !isActive) throw new HostError('ENODEV', device.path);
  return target;
}

/** The first of a device's files, as a reader finds them. */
const nodeOf = ({ tree }: Simulation, device: HostDevice): string =>
  deviceNodes(tree, device)[0] ?? DEV_VFIO;
