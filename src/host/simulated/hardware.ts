import type { Capability, NodeDevice, PciCapability } from '../../nodedev/device.ts';
import { formatChannelAddress } from '../sysfs/channel-address.ts';
import { DMI } from '../sysfs/computer.ts';
import { IOMMU_GROUPS } from '../sysfs/paths.ts';
import { formatPciAddress } from '../sysfs/pci-address.ts';
import { pciFiles } from './pci-files.ts';
import { baseName, type Branch, directoryName, file, linkTo, type Tree } from '../tree.ts';

/** Creates the files of a profile's devices, parents first, so that the reader finds the same facts; `all`: the profile's. */
export function plantHardware(
  tree: Tree,
  devices: readonly NodeDevice[],
  all: readonly NodeDevice[] = devices,
): void {
  const pathsByAddress = new Map(
    all.flatMap(({ path }): [string, string][] =>
      path === undefined ? [] : [[baseName(path), path]],
    ),
  );
  for (const { path, driver, capabilities } of devices) {
    if (path !== undefined) plantDevice(tree, path, driver, capabilities, pathsByAddress);
  }
  for (const device of all) plantVirtualFunctions(tree, device, pathsByAddress);
}

/** The links of a physical function to its virtual ones, as far as these are there. */
function plantVirtualFunctions(
  tree: Tree,
  { path, capabilities }: NodeDevice,
  pathsByAddress: ReadonlyMap<string, string>,
): void {
  if (path === undefined) return;
  for (const pci of capabilities) {
    for (const of of pci.kind === 'pci' ? pci.capabilities : []) {
      if (of.kind !== 'virt_functions') continue;
      for (const [index, address] of of.addresses.entries()) {
        const [at, to] = [`${path}/virtfn${index}`, pathsByAddress.get(formatPciAddress(address))];
        const isMissing = tree.kind(path) !== undefined && tree.kind(at) === undefined;
        if (to !== undefined && tree.kind(to) !== undefined && isMissing) plantLink(tree, at, to);
      }
    }
  }
}

function plantDevice(
  tree: Tree,
  path: string,
  driver: string | undefined,
  capabilities: readonly Capability[],
  pathsByAddress: ReadonlyMap<string, string>,
): void {
  const home = placeOf(path, capabilities);
  tree.ensureDirectory(path);
  plantLink(tree, `${path}/subsystem`, home);
  // A bus has a folder for its devices; the devices of a class are in the class itself.
  const isBus = home.startsWith('/sys/bus/');
  plantLink(tree, isBus ? `${home}/devices/${baseName(path)}` : `${home}/${baseName(path)}`, path);
  const pci = capabilities.find((capability) => capability.kind === 'pci');
  if (pci === undefined) {
    tree.plant(`${path}/uevent`, file(driver === undefined ? '' : `DRIVER=${driver}\n`, 0o644));
  } else {
    plantPci(tree, path, pci, pathsByAddress);
    for (const [name, branch] of pciFiles(baseName(path), driver, pci)) {
      tree.plant(`${path}/${name}`, branch);
    }
  }
  if (driver !== undefined) {
    plantDriver(tree, path, home, driver);
  }
  for (const capability of capabilities) {
    if (capability.kind === 'css') {
      const behind = capability.channelDeviceAddress;
      const busid = behind === undefined ? 'none' : formatChannelAddress(behind);
      tree.plant(`${path}/dev_busid`, file(`${busid}\n`));
    }
  }
}

/** Binds a driver to a device of a bus or class (`home`). */
export function plantDriver(tree: Tree, path: string, home: string, driver: string): void {
  plantLink(tree, `${path}/driver`, `${home}/drivers/${driver}`);
  plantLink(tree, `${home}/drivers/${driver}/${baseName(path)}`, path);
}

/** Creates the firmware's files about the host, from the profile's `system` capability. */
export function plantFirmware(tree: Tree, devices: readonly NodeDevice[]): void {
  const system = devices
    .flatMap(({ capabilities }) => capabilities)
    .find((capability) => capability.kind === 'system');
  if (system === undefined) return;
  const { product, hardware, firmware } = system;
  tree.ensureDirectory(DMI);
  plantLink(tree, `${DMI}/subsystem`, '/sys/class/dmi');
  plantLink(tree, `/sys/class/dmi/${baseName(DMI)}`, DMI);
  tree.plant(`${DMI}/uevent`, file('MODALIAS=dmi:\n', 0o644));
  const values: readonly (readonly [string, string | undefined, number])[] = [
    ['product_name', product, 0o444],
    ['product_version', hardware.version, 0o444],
    ['product_serial', hardware.serial, 0o400],
    ['product_uuid', hardware.uuid, 0o400],
    ['sys_vendor', hardware.vendor, 0o444],
    ['bios_vendor', firmware?.vendor, 0o444],
    ['bios_version', firmware?.version, 0o444],
    ['bios_date', firmware?.releaseDate, 0o444],
  ];
  for (const [name, value, mode] of values) {
    if (value !== undefined) tree.plant(`${DMI}/${name}`, file(`${value}\n`, mode));
  }
}

/** The bus or class of a device. */
export function placeOf(path: string, capabilities: readonly Capability[]): string {
  const kinds = new Set(capabilities.map(({ kind }) => kind));
  if (kinds.has('pci')) return '/sys/bus/pci';
  if (kinds.has('css')) return '/sys/bus/css';
  if (kinds.has('ap_matrix')) return '/sys/bus/matrix';
  return `/sys/class/${baseName(directoryName(path))}`;
}

function plantPci(
  tree: Tree,
  path: string,
  pci: PciCapability,
  pathsByAddress: ReadonlyMap<string, string>,
): void {
  const values: readonly (readonly [string, string | undefined])[] = [
    ['class', pci.class],
    ['device', pci.product?.id],
    ['numa_node', `${pci.numaNode ?? -1}`],
    ['vendor', pci.vendor?.id],
  ];
  for (const [name, value] of values) {
    if (value !== undefined) tree.plant(`${path}/${name}`, file(`${value}\n`));
  }
  if (pci.iommuGroup !== undefined) plantGroup(tree, path, pci.iommuGroup.number);
  for (const capability of pci.capabilities) {
    if (capability.kind === 'phys_function') {
      const physical = pathsByAddress.get(formatPciAddress(capability.address));
      if (physical !== undefined) plantLink(tree, `${path}/physfn`, physical);
    }
    if (capability.kind === 'virt_functions') {
      const { addresses, maxCount = addresses.length } = capability;
      tree.plant(`${path}/sriov_totalvfs`, file(`${maxCount}\n`));
      tree.plant(`${path}/sriov_numvfs`, file(`${addresses.length}\n`, 0o644));
    }
  }
}

/** Puts a device into the IOMMU group of this number. */
export function plantGroup(tree: Tree, path: string, number: number): void {
  const group = `${IOMMU_GROUPS}/${number}`;
  for (const [at, to] of [
    [`${path}/iommu_group`, group],
    [`${group}/devices/${baseName(path)}`, path],
  ] as const) {
    if (tree.kind(at) === undefined) plantLink(tree, at, to);
  }
  const facts: readonly (readonly [string, Branch])[] = [
    ['reserved_regions', file('')],
    ['type', file('DMA\n', 0o644)],
  ];
  for (const [name, branch] of facts) {
    if (tree.kind(`${group}/${name}`) === undefined) tree.plant(`${group}/${name}`, branch);
  }
}

/** A link to a path, with the folders above it. */
export function plantLink(tree: Tree, at: string, to: string): void {
  tree.ensureDirectory(directoryName(at));
  tree.plant(at, linkTo(at, to));
}
