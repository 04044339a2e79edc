import type { CardType } from '../../drivers/driver.ts';
import { hypotheses } from '../../drivers/hypotheses.ts';
import { driverForType, typeAttributes } from '../../drivers/registry.ts';
import { REQUIRES_GROUP_FILE } from '../../drivers/settings.ts';
import { boundedBy, roomOnCard } from '../../drivers/room-on-card.ts';
import {
  type Hardware,
  type Host,
  type HostDevice,
  type HostParent,
  type HostType,
  takesType,
} from '../../host/host.ts';
import type {
  Capability,
  MdevType,
  MdevTypesCapability,
  NodeDevice,
  PciAddress,
  PciCapability,
} from '../../nodedev/device.ts';
import { parsePciAddress } from '../../host/sysfs/pci-address.ts';
import { cardOf } from './cards.ts';
import { asksForGroup } from './asks-for-group.ts';
import { splitParams } from './attribute-writes.ts';
import type { StoredDefinition } from '../definitions/definitions.ts';
import { COMPUTER, deviceName, nameOf, parentName, recordOf } from './inventory.ts';
import type { StoreView } from '../store/store.ts';

/**
 * An active mediated device with everything known of it.
 *
 * @param withGuest - with what the guest sees of it. Only the thread's dialect prints that, and its names take the whole
 * PCI ID database.
 */
export function describeDevice(
  host: Host,
  view: StoreView,
  device: HostDevice,
  withGuest: boolean,
): NodeDevice {
  const parent = host.parent(device.ref.parent);
  const type = parent === undefined ? undefined : host.type(parent, device.type);
  const details = host.details(device);
  const record = recordOf(view, device);
  const group = namedGroup(record?.group, device.ref.uuid);
  return {
    name: deviceName(device),
    path: device.path,
    devnodes: [],
    parent: { name: parent === undefined ? COMPUTER : parentName(parent) },
    driver: details.driver,
    capabilities: [
      {
        kind: 'mdev',
        types: [
          type === undefined ? { id: device.type, attributes: [], extra: [] } : describeType(type),
        ],
        uuid: device.ref.uuid,
        parentAddress: device.ref.parent,
        function: functionOf(parent),
        alias: record?.alias ?? view.definition(device.ref)?.alias,
        group,
        groupNumber: group === undefined ? undefined : view.activeGroup(group)?.number,
        iommuGroup:
          details.iommuGroup === undefined
            ? undefined
            : { number: details.iommuGroup, addresses: [] },
        attributes: record?.attributes ?? [],
        params: record?.params,
        guestPci: withGuest ? guestOf(host, parent, type) : undefined,
        extra: [],
      },
    ],
    extra: [],
  };
}

/** A definition, as `dumpxml` prints an inactive device. */
export function describeDefinition(
  host: Host,
  view: StoreView,
  { parent: address, uuid, definition }: StoredDefinition,
): NodeDevice {
  const parent = host.parent(address);
  const type = parent === undefined ? undefined : host.type(parent, definition.type);
  const saved = view.definition({ parent: address, uuid });
  return {
    name: nameOf({ parent: address, uuid }),
    devnodes: [],
    parent: { name: parent === undefined ? COMPUTER : parentName(parent) },
    capabilities: [
      {
        kind: 'mdev',
        types: [
          type === undefined
            ? { id: definition.type, attributes: [], extra: [] }
            : describeType(type),
        ],
        uuid,
        parentAddress: address,
        function: functionOf(parent),
        alias: saved?.alias,
        group: namedGroup(saved?.group, uuid),
        ...splitParams(definition.type, definition.attributes),
        extra: [],
      },
    ],
    extra: [],
  };
}

/**
 * A parent with the types it offers, inside the capability where libvirt has them.
 *
 * @param isLibvirts - as libvirt says it, which knows no types of functions
 */
export function describeParent(host: Host, parent: HostParent, isLibvirts: boolean): NodeDevice {
  const device = host.describeHardware(parent);
  if (isLibvirts && takesType(parent)) return device;
  const types: MdevTypesCapability = {
    kind: 'mdev_types',
    types: host
      .types(parent)
      .items.map((type) => describeType(type, type.availableInstances, asksForGroup(host, parent))),
    extra: [],
  };
  return withTypesOf(device, types);
}

function withTypesOf(device: NodeDevice, types: MdevTypesCapability): NodeDevice {
  if (types.types.length === 0) return device;
  const [first, ...others] = device.capabilities;
  return {
    ...device,
    capabilities: first === undefined ? [types] : [withTypes(first, types), ...others],
  };
}

/**
 * A GPU whose functions take types, with these where mediated devices have them. Its available instances are what the GPU takes of
 * a type when it takes no other; where no rules explain what the functions offer, that is how many of them offer it, within its driver's bounds.
 */
export function describeGpu(
  host: Host,
  gpu: Hardware,
  functions: readonly [HostParent, ...HostParent[]],
): NodeDevice {
  const { item: info } = cardOf(host, functions[0]);
  const [rules] = hypotheses(info);
  const asked = asksForGroup(host, functions[0]);
  const types = info.card.types.map((type) => {
    const offering = info.parents.filter(({ types: own }) =>
      own.some(({ id, availableInstances }) => id === type.id && availableInstances > 0),
    );
    const free =
      rules === undefined
        ? boundedBy(info.card, type, offering.length)
        : roomOnCard(rules.driver, rules.card, type);
    return describeType(type, free, asked);
  });
  return withTypesOf(host.describeHardware(gpu), { kind: 'mdev_types', types, extra: [] });
}

/** Adds the types to a capability, if it is one that has them (libvirt, src/conf/node_device_conf.c). */
function withTypes(capability: Capability, types: MdevTypesCapability): Capability {
  if (capability.kind === 'pci') {
    return { ...capability, capabilities: [...capability.capabilities, types] };
  }
  return capability.kind === 'css' || capability.kind === 'ap_matrix'
    ? { ...capability, capabilities: [...capability.capabilities, types] }
    : capability;
}

/** A type. Only a parent's dump has its available instances. */
function describeType(
  type: CardType,
  availableInstances?: number,
  requiresGroup = false,
): MdevType {
  const attributes = typeAttributes(type);
  return {
    id: type.id,
    name: type.name,
    deviceApi: type.deviceApi,
    availableInstances,
    attributes:
      requiresGroup && !attributes.some(({ name }) => name === REQUIRES_GROUP_FILE)
        ? [...attributes, { name: REQUIRES_GROUP_FILE, value: 'yes' }] // a function's type has no file
        : attributes,
    extra: [],
  };
}

function guestOf(
  host: Host,
  parent: HostParent | undefined,
  type: HostType | undefined,
): PciCapability | undefined {
  if (parent === undefined || type === undefined) return undefined;
  const pci = host
    .describeHardware(parent)
    .capabilities.find((capability) => capability.kind === 'pci');
  return driverForType(type.id)?.guestPci(type, pci);
}

/** The address by which a VM gets a device whose parent is a function that is itself the device. */
const functionOf = (parent: HostParent | undefined): PciAddress | undefined =>
  parent !== undefined && takesType(parent) ? parsePciAddress(parent.address) : undefined;

/** The group's name; undefined for a group that was given no name, which has the uuid of its first member instead. */
function namedGroup(group: string | undefined, uuid: string): string | undefined {
  return group === uuid ? undefined : group;
}
