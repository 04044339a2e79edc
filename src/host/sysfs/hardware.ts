import { driverNamed } from '../../drivers/registry.ts';
import type { Capability, NodeDevice, PciCapability } from '../../nodedev/device.ts';
import { nodeDeviceName } from '../../nodedev/names.ts';
import type { Hardware } from '../host.ts';
import { nameAbove } from '../name-above.ts';
import type { Tree } from '../tree.ts';
import { parseChannelAddress } from './channel-address.ts';
import { IOMMU_GROUPS } from './paths.ts';
import { parsePciAddress } from './pci-address.ts';
import { bridgeOf, pciExpressOf } from './pci-config.ts';
import { pciNames } from './pci-ids.ts';
import { ifAny, iommuGroupOf, linkName, namesIfAny, order, readTextIfAny } from './values.ts';

/**
 * The buses whose devices are listed, and which of them libvirt has: of the subchannels those for I/O, by their drivers
 * (udevProcessCSS).
 */
export const HARDWARE: Readonly<Record<string, (tree: Tree, device: Hardware) => boolean>> = {
  ap: (_tree, { address }) => apCapability(address).length > 0,
  css: (tree, { path, subsystem }) => {
    const driver = linkName(tree, `${path}/driver`) ?? '';
    return driver === 'io_subchannel' || driverNamed(driver)?.subsystem === subsystem;
  },
  pci: () => true,
};

/**
 * A device of sysfs as a node device, with the same facts as libvirt (src/node_device/node_device_udev.c), without mdev
 * types. `pciIds` is the PCI ID database's text.
 */
export function readNodeDevice(tree: Tree, device: Hardware, pciIds: () => string): NodeDevice {
  return {
    name: nodeDeviceName(device.subsystem, device.address),
    path: device.path,
    devnodes: [],
    parent: { name: nameAbove(device.path) },
    driver: linkName(tree, `${device.path}/driver`),
    capabilities: capabilities(tree, device, pciIds),
    extra: [],
  };
}

function capabilities(tree: Tree, device: Hardware, pciIds: () => string): readonly Capability[] {
  switch (device.subsystem) {
    case 'pci':
      return [pciCapability(tree, device, pciIds)];
    case 'css':
      return cssCapability(tree, device);
    case 'matrix':
      return [{ kind: 'ap_matrix', capabilities: [], extra: [] }];
    case 'ap':
      return apCapability(device.address);
    default:
      return [];
  }
}

function pciCapability(tree: Tree, device: Hardware, pciIds: () => string): PciCapability {
  const value = (name: string) => readTextIfAny(tree, `${device.path}/${name}`);
  const vendor = value('vendor');
  const product = value('device');
  const names =
    vendor !== undefined && product !== undefined ? pciNames(pciIds(), vendor, product) : {};
  const numa = value('numa_node');
  const config = pciConfig(tree, device.path);
  const bridge = config && bridgeOf(config);
  return {
    kind: 'pci',
    class: value('class'),
    ...parsePciAddress(device.address),
    product: product === undefined ? undefined : { id: product, text: names.product },
    vendor: vendor === undefined ? undefined : { id: vendor, text: names.vendor },
    capabilities: [
      ...sriovCapabilities(tree, device.path),
      ...(bridge === undefined ? [] : [bridge]),
    ],
    iommuGroup: iommuGroup(tree, device.path),
    // -1 means that the kernel knows no node.
    numaNode: numa !== undefined && /^\d+$/.test(numa) ? Number(numa) : undefined,
    pciExpress: config && pciExpressOf(config),
    extra: [],
  };
}

/** A device's configuration space; undefined where there is no such file. */
function pciConfig(tree: Tree, path: string): DataView | undefined {
  const bytes = ifAny(() => tree.bytes(`${path}/config`));
  return bytes && new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function iommuGroup(tree: Tree, path: string): PciCapability['iommuGroup'] {
  const number = iommuGroupOf(tree, path);
  if (number === undefined) return undefined;
  const members = namesIfAny(tree, `${IOMMU_GROUPS}/${number}/devices`).toSorted(order);
  return { number, addresses: members.flatMap((name) => parsePciAddress(name) ?? []) };
}

/** A virtual function has `physfn`, a physical one has `virtfn0` and so on, which libvirt lists in this order. */
function sriovCapabilities(tree: Tree, path: string): readonly Capability[] {
  const physical = parsePciAddress(linkName(tree, `${path}/physfn`) ?? '');
  if (physical !== undefined) return [{ kind: 'phys_function', address: physical, extra: [] }];
  const total = readTextIfAny(tree, `${path}/sriov_totalvfs`);
  if (total === undefined || !/^\d+$/.test(total)) return [];
  const addresses = namesIfAny(tree, path)
    .filter((name) => /^virtfn\d+$/.test(name))
    .toSorted((one, other) => Number(one.slice(6)) - Number(other.slice(6)))
    .map((name) => linkName(tree, `${path}/${name}`) ?? '')
    .flatMap((name) => parsePciAddress(name) ?? []);
  // libvirt (src/conf/node_device_conf.c) asks that there be one, or be able to be one.
  if (Number(total) === 0 && addresses.length === 0) return [];
  return [{ kind: 'virt_functions', maxCount: Number(total), addresses, extra: [] }];
}

/** A crypto card (`card07`), or one domain of it (`07.0038`): a queue. */
function apCapability(name: string): readonly Capability[] {
  const [, card] = /^card([0-9a-f]{2})$/.exec(name) ?? [];
  if (card !== undefined) {
    return [{ kind: 'ap_card', adapter: Number.parseInt(card, 16), extra: [] }];
  }
  const [, adapter, domain] = /^([0-9a-f]{2})\.([0-9a-f]{4})$/.exec(name) ?? [];
  if (adapter === undefined || domain === undefined) return [];
  const numbers = { adapter: Number.parseInt(adapter, 16), domain: Number.parseInt(domain, 16) };
  return [{ kind: 'ap_queue', ...numbers, extra: [] }];
}

/** A subchannel; `dev_busid` is the channel device behind it, `none` without one. */
function cssCapability(tree: Tree, device: Hardware): readonly Capability[] {
  const address = parseChannelAddress(device.address);
  if (address === undefined) return [];
  const behind = parseChannelAddress(readTextIfAny(tree, `${device.path}/dev_busid`) ?? '');
  const channelDeviceAddress = behind && { ...behind, extra: [] };
  return [{ kind: 'css', ...address, channelDeviceAddress, capabilities: [], extra: [] }];
}
