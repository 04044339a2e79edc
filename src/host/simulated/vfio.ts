import { type HostDevice, HostError } from '../host.ts';
import { DEV_VFIO, MDEV_DEVICES } from '../sysfs/paths.ts';
import { FunctionFramework } from '../sysfs/function-framework.ts';
import { tellPeerSets } from './peer-sets.ts';
import { deviceNodes } from '../sysfs/device-nodes.ts';
import { directoryName } from '../tree.ts';
import type { ParentWithCard } from './cards.ts';
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
 * @throws HostError ENODEV when a device does not exist; EBUSY with the holder when one is open already; the driver's errno
 * when it does not add a device to a running VM
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
  for (const { device, target } of wanted) {
    const { uuid } = device.ref;
    const current = taken.has(uuid) ? holder : holderOf(tree, uuid);
    const node = nodeOf(simulation, device);
    if (current !== undefined) throw new HostError('EBUSY', node, { holders: [current] });
    taken.add(uuid);
    const errno = hotplugErrno(simulation, target, 'open', device, holder, before);
    if (errno !== undefined) throw new HostError(errno, node);
  }
  const cards = cardsWithout(simulation, wanted, holderName(holder), before);
  guard.changing({ do: 'open', uuids: [...taken] }, () => {
    for (const uuid of taken) markOpen(tree, uuid, holder);
  });
  tellCalls(simulation);
  return { devices, cards };
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
  for (const { device, target } of held) {
    const errno = hotplugErrno(simulation, target, 'close', device, holder, after);
    if (errno !== undefined) throw new HostError(errno, nodeOf(simulation, device));
  }
  const cards = cardsWithout(simulation, held, holderName(holder), after);
  const uuids = held.map(({ device }) => device.ref.uuid);
  guard.changing({ do: 'close', uuids }, (discard) => {
    for (const uuid of uuids) discard(openMark(uuid));
  });
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

/** The driver's errno for a change of a VM that also holds other devices of the card. */
function hotplugErrno(
  { occupancy }: Simulation,
  { card, parent }: ParentWithCard,
  change: 'open' | 'close',
  { ref, type }: HostDevice,
  holder: DeviceHolder,
  others: ReadonlyMap<string, string>,
): string | undefined {
  const device = { uuid: ref.uuid, parent: parent.address, type, holder: holderName(holder) };
  return card.driver.hotplugRefusal(
    occupancy.snapshot(card, (uuid) => others.get(uuid)),
    change,
    device,
  );
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
