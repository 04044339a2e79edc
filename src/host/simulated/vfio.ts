import { type HostDevice, HostError } from '../host.ts';
import { DEV_VFIO, MDEV_DEVICES } from '../sysfs/paths.ts';
import { iommuGroupOf } from '../sysfs/values.ts';
import { directoryName } from '../tree.ts';
import type { ParentWithCard } from './cards.ts';
import { type DeviceHolder, holderOf, markClosed, markOpen, openDevices } from './openings.ts';
import type { SimulatedCard } from './profile.ts';
import type { Simulation } from './simulation.ts';

/** What opening or closing devices did. */
export interface OpenResult {
  readonly devices: readonly HostDevice[];
  /** Parents on whose cards the driver committed (at the first open) or freed (at the last close) the VM's resources. */
  readonly cards: readonly string[];
}

/**
 * Opens devices for a VM, all or none. The driver of each card commits the VM's resources there at its first open.
 *
 * @throws HostError ENODEV without such a device; EBUSY with the holder when one is open already; what the driver
 * says when it does not take a device into a running VM
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
  guard.changing(() => {
    for (const uuid of taken) markOpen(tree, uuid, holder);
  });
  return { devices, cards: cardsWithout(simulation, wanted, holder.domain, before) };
}

/**
 * Closes devices a VM holds, all or none. What it had committed on a card is freed with its last one there.
 *
 * @throws HostError EBADF when the VM does not hold one; what the driver says when it lets no device of a running VM go
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
    if (after.get(device.ref.uuid) !== holder.domain) {
      throw new HostError('EBADF', nodeOf(simulation, device));
    }
    after.delete(device.ref.uuid);
  }
  for (const { device, target } of held) {
    const errno = hotplugErrno(simulation, target, 'close', device, holder, after);
    if (errno !== undefined) throw new HostError(errno, nodeOf(simulation, device));
  }
  guard.changing(() => {
    for (const { device } of held) markClosed(tree, device.ref.uuid);
  });
  return { devices, cards: cardsWithout(simulation, held, holder.domain, after) };
}

/** What the driver says to a change of a VM that goes on holding other devices of the card. */
function hotplugErrno(
  { occupancy }: Simulation,
  { card, parent }: ParentWithCard,
  change: 'open' | 'close',
  { ref, type }: HostDevice,
  holder: DeviceHolder,
  others: ReadonlyMap<string, string>,
): string | undefined {
  const device = { uuid: ref.uuid, parent: parent.address, type, holder: holder.domain };
  return card.driver.hotplugRefusal(
    occupancy.snapshot(card, (uuid) => others.get(uuid)),
    change,
    device,
  );
}

/** First parents of the cards of these devices on which the domain has nothing open, as `open` tells. */
function cardsWithout(
  { occupancy }: Simulation,
  touched: readonly { readonly target: ParentWithCard }[],
  domain: string,
  open: ReadonlyMap<string, string>,
): readonly string[] {
  const cards = new Set<SimulatedCard>(touched.map(({ target }) => target.card));
  return [...cards]
    .filter(
      (card) =>
        !occupancy
          .snapshot(card, (uuid) => open.get(uuid))
          .devices.some(({ holder }) => holder === domain),
    )
    .map((card) => card.parents[0]?.address ?? '');
}

function targetOf(simulation: Simulation, device: HostDevice): ParentWithCard {
  const target = simulation.parentAt(directoryName(device.path));
  const isActive = simulation.tree.kind(`${MDEV_DEVICES}/${device.ref.uuid}`) !== undefined;
  if (target === undefined || !isActive) throw new HostError('ENODEV', device.path);
  return target;
}

function nodeOf({ tree }: Simulation, device: HostDevice): string {
  return `${DEV_VFIO}/${iommuGroupOf(tree, device.path) ?? ''}`;
}
