import type { Capability, NodeDevice, PciCapability } from '../../nodedev/device.ts';
import { nodeDeviceName } from '../../nodedev/names.ts';
import type { HostParent } from '../host.ts';
import { baseName, directoryName, type Tree } from '../tree.ts';
import { parseChannelAddress } from './channel-address.ts';
import { IOMMU_GROUPS } from './paths.ts';
import { parsePciAddress } from './pci-address.ts';
import { pciNames } from './pci-ids.ts';
import { iommuGroupOf, linkName, namesIfAny, order, readTextIfAny } from './values.ts';

/**
 * A device of sysfs as a node device, with the same facts as libvirt (src/node_device/node_device_udev.c), without mdev
 * types. `pciIds` is the PCI ID database's text.
 */
export function readNodeDevice(tree: Tree, parent: HostParent, pciIds: () => string): NodeDevice {
  return {
    name: nodeDeviceName(parent.subsystem, parent.address),
    path: parent.path,
    devnodes: [],
    parent: { name: nameAbove(tree, parent.path) },
    driver: linkName(tree, `${parent.path}/driver`),
    capabilities: capabilities(tree, parent, pciIds),
    extra: [],
  };
}

/** The name of the nearest device above it that has a subsystem; `computer` when there is none. */
function nameAbove(tree: Tree, path: string): string {
  const above = pathsAbove(path).findLast((each) => isNodeDevice(tree, each));
  if (above === undefined) return 'computer';
  return nodeDeviceName(linkName(tree, `${above}/subsystem`) ?? 'pci', baseName(above));
}

/** The paths of the directories above a device, below /sys/devices, the outermost first. */
export function pathsAbove(path: string): readonly string[] {
  const above = directoryName(path);
  return above === '/sys/devices' || above === '' ? [] : [...pathsAbove(above), above];
}

/** Whether a directory is a device. A tree made by hand may lack the link: a bridge is recognised by its address. */
export function isNodeDevice(tree: Tree, path: string): boolean {
  return (
    linkName(tree, `${path}/subsystem`) !== undefined ||
    parsePciAddress(baseName(path)) !== undefined
  );
}

function capabilities(tree: Tree, parent: HostParent, pciIds: () => string): readonly Capability[] {
  switch (parent.subsystem) {
    case 'pci':
      return [pciCapability(tree, parent, pciIds)];
    case 'css':
      return cssCapability(tree, parent);
    case 'matrix':
      return [{ kind: 'ap_matrix', capabilities: [], extra: [] }];
    default:
      return [];
  }
}

function pciCapability(tree: Tree, parent: HostParent, pciIds: () => string): PciCapability {
  const value = (name: string) => readTextIfAny(tree, `${parent.path}/${name}`);
  const vendor = value('vendor');
  const product = value('device');
  const names =
    vendor !== undefined && product !== undefined ? pciNames(pciIds(), vendor, product) : {};
  const numa = value('numa_node');
  return {
    kind: 'pci',
    class: value('class'),
    ...parsePciAddress(parent.address),
    product: product === undefined ? undefined : { id: product, text: names.product },
    vendor: vendor === undefined ? undefined : { id: vendor, text: names.vendor },
    capabilities: sriovCapabilities(tree, parent.path),
    iommuGroup: iommuGroup(tree, parent.path),
    // -1 means that the kernel knows no node.
    numaNode: numa !== undefined && /^\d+$/.test(numa) ? Number(numa) : undefined,
    extra: [],
  };
}

function iommuGroup(tree: Tree, path: string): PciCapability['iommuGroup'] {
  const number = iommuGroupOf(tree, path);
  if (number === undefined) return undefined;
  const members = namesIfAny(tree, `${IOMMU_GROUPS}/${number}/devices`).toSorted(order);
  return { number, addresses: members.flatMap((name) => parsePciAddress(name) ?? []) };
}

/** A virtual function has `physfn`, a physical one has `virtfn0` and so on. */
function sriovCapabilities(tree: Tree, path: string): readonly Capability[] {
  const physical = parsePciAddress(linkName(tree, `${path}/physfn`) ?? '');
  if (physical !== undefined) return [{ kind: 'phys_function', address: physical, extra: [] }];
  const total = readTextIfAny(tree, `${path}/sriov_totalvfs`);
  if (total === undefined || !/^\d+$/.test(total)) return [];
  const addresses = namesIfAny(tree, path)
    .filter((name) => /^virtfn\d+$/.test(name))
    .map((name) => linkName(tree, `${path}/${name}`) ?? '')
    .toSorted(order)
    .flatMap((name) => parsePciAddress(name) ?? []);
  return [{ kind: 'virt_functions', maxCount: Number(total), addresses, extra: [] }];
}

/** A subchannel; `dev_busid` is the channel device behind it, `none` without one. */
function cssCapability(tree: Tree, parent: HostParent): readonly Capability[] {
  const address = parseChannelAddress(parent.address);
  if (address === undefined) return [];
  const behind = parseChannelAddress(readTextIfAny(tree, `${parent.path}/dev_busid`) ?? '');
  const channelDeviceAddress = behind && { ...behind, extra: [] };
  return [{ kind: 'css', ...address, channelDeviceAddress, capabilities: [], extra: [] }];
}
