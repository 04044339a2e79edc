import { describedTypes } from '../../drivers/described-types.ts';
import { driverForType } from '../../drivers/registry.ts';
import type { Capability, MdevTypesCapability, NodeDevice } from '../../nodedev/device.ts';
import { isUuid } from '../../nodedev/uuid.ts';
import type { Hardware, HostDevice, HostParent, HostType } from '../host.ts';
import { formatPciAddress } from '../sysfs/pci-address.ts';
import { order } from '../sysfs/values.ts';
import { baseName, directoryName } from '../tree.ts';

/** A parent with what libvirt says of its types. */
export interface LibvirtParent extends HostParent {
  readonly types: readonly HostType[];
  /** The PCI address of the physical function, of a virtual one. */
  readonly physical: string | undefined;
}

/** For sorting. */
export const byAddress = (a: Hardware, b: Hardware): number => order(a.address, b.address);
export const byParent = (a: HostDevice, b: HostDevice): number =>
  order(a.ref.parent, b.ref.parent) || order(a.ref.uuid, b.ref.uuid);

/** A device's name in sysfs: the last part of its path. */
export const sysfsNameOf = ({ path = '' }: NodeDevice): string => baseName(path);

const SUBSYSTEMS: Readonly<Partial<Record<Capability['kind'], string>>> = {
  pci: 'pci',
  css: 'css',
  ap_matrix: 'matrix',
  ap_card: 'ap',
  ap_queue: 'ap',
};

/** What is on a bus; of the kernel's samples, libvirt's name has the subsystem: `mtty_mtty`. */
export function hardwareOf(device: NodeDevice): readonly Hardware[] {
  const { name = '', path, capabilities } = device;
  const [first] = capabilities;
  if (path === undefined || first === undefined) return [];
  const own = first.kind === 'mdev_types' ? /^[a-z]+(?=_)/u.exec(name)?.[0] : undefined;
  const subsystem = SUBSYSTEMS[first.kind] ?? own;
  return subsystem === undefined ? [] : [{ address: baseName(path), subsystem, path }];
}

/** A device as a parent; none, if it offers no types. */
export function parentOf(device: NodeDevice): readonly LibvirtParent[] {
  const [hardware] = hardwareOf(device);
  const found = typesOf(device);
  if (hardware === undefined || found === undefined) return [];
  const [first] = device.capabilities;
  const physical = nested(first).find(({ kind }) => kind === 'phys_function');
  const types = found.types
    .flatMap(({ id, name, deviceApi, availableInstances }): HostType[] =>
      id === undefined || deviceApi === undefined || availableInstances === undefined
        ? []
        : [{ id, name, deviceApi, availableInstances }],
    )
    .toSorted((a, b) => order(a.id, b.id));
  return [
    {
      ...hardware,
      framework: 'mdev',
      physicalFunction: undefined,
      types: describedTypes(driverForType(types[0]?.id ?? ''), types, new Map()),
      physical: physical?.kind === 'phys_function' ? formatPciAddress(physical.address) : undefined,
    },
  ];
}

/** The capabilities inside one. */
const nested = (capability: Capability | undefined): readonly Capability[] =>
  capability !== undefined && 'capabilities' in capability ? capability.capabilities : [];

/** The types that a device offers. */
export const typesOf = ({ capabilities }: NodeDevice): MdevTypesCapability | undefined =>
  [...capabilities, ...capabilities.flatMap(nested)].find(
    (one): one is MdevTypesCapability => one.kind === 'mdev_types',
  );

/** A capability as hardware has it, whose types are told by `types`. */
export function withoutTypes(capability: Capability): readonly Capability[] {
  if (capability.kind === 'mdev_types') return [];
  if (capability.kind === 'pci') {
    const others = capability.capabilities.filter(({ kind }) => kind !== 'mdev_types');
    return [{ ...capability, capabilities: others }];
  }
  // These have no others.
  const isHolder = capability.kind === 'css' || capability.kind === 'ap_matrix';
  return isHolder ? [{ ...capability, capabilities: [] }] : [capability];
}

/** A device as an active mediated one; none, if it is another. */
export function activeOf({ path, capabilities }: NodeDevice): readonly HostDevice[] {
  const [mdev] = capabilities;
  if (mdev?.kind !== 'mdev' || path === undefined) return [];
  const { uuid = baseName(path), parentAddress: parent = baseName(directoryName(path)) } = mdev;
  const type = mdev.types[0]?.id;
  if (type === undefined || !isUuid(uuid)) return [];
  return [{ ref: { framework: 'mdev', parent, uuid }, type, path }];
}
