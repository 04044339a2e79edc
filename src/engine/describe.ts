import { driverForType, typeAttributes } from '../drivers/registry.ts';
import type { Host, HostDevice, HostParent, HostType } from '../host/host.ts';
import type {
  Capability,
  MdevType,
  MdevTypesCapability,
  NodeDevice,
  PciCapability,
} from '../nodedev/device.ts';
import { COMPUTER, deviceName, parentName } from './inventory.ts';
import type { StoreView } from './store.ts';

/** An active mediated device with everything known of it, as `dumpxml` prints it. */
export function describeDevice(host: Host, view: StoreView, device: HostDevice): NodeDevice {
  const parent = host.parent(device.ref.parent);
  const type = parent === undefined ? undefined : host.type(parent, device.type);
  const details = host.details(device);
  const record = view.device(device.ref.uuid);
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
        group: record === undefined || record.group === device.ref.uuid ? undefined : record.group,
        iommuGroup:
          details.iommuGroup === undefined
            ? undefined
            : { number: details.iommuGroup, addresses: [] },
        attributes: record?.attributes ?? [],
        params: record?.params,
        guestPci: guestOf(host, parent, type),
        extra: [],
      },
    ],
    extra: [],
  };
}

/** A parent with the types it offers, inside the capability libvirt puts them in. */
export function describeParent(host: Host, parent: HostParent): NodeDevice {
  const device = host.describeParent(parent);
  const types: MdevTypesCapability = {
    kind: 'mdev_types',
    types: host.types(parent).items.map((type) => describeType(type, type.availableInstances)),
    extra: [],
  };
  if (types.types.length === 0) return device;
  const [first, ...others] = device.capabilities;
  return {
    ...device,
    capabilities: first === undefined ? [types] : [withTypes(first, types), ...others],
  };
}

/** Only these capabilities hold the types of their device (libvirt, src/conf/node_device_conf.c). */
function withTypes(capability: Capability, types: MdevTypesCapability): Capability {
  return capability.kind === 'pci' || capability.kind === 'css' || capability.kind === 'ap_matrix'
    ? { ...capability, capabilities: [...capability.capabilities, types] }
    : capability;
}

/** A type; how many are left is a matter of the parent's dump only. */
function describeType(type: HostType, availableInstances?: number): MdevType {
  return {
    id: type.id,
    name: type.name,
    deviceApi: type.deviceApi,
    availableInstances,
    attributes: typeAttributes(type),
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
    .describeParent(parent)
    .capabilities.find((capability) => capability.kind === 'pci');
  return driverForType(type.id)?.guestPci(type, pci);
}
