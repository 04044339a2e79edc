import type { Driver } from '../../drivers/driver.ts';
import { drivers } from '../../drivers/registry.ts';
import type { SetupCard } from '../host.ts';
import { baseName, directoryName, resolveLink, type Tree } from '../tree.ts';
import { formatPciAddress, parsePciAddress } from './pci-address.ts';
import { linkName, namesIfAny, readIfAny, readLinkIfAny } from './values.ts';

const PCI_DEVICES = '/sys/bus/pci/devices';

/**
 * The physical function of this sysfs name, when its driver sets it up with programs and it can have virtual functions;
 * undefined: it is none.
 */
export function readSetupCard(tree: Tree, address: string): SetupCard | undefined {
  const entry = `${PCI_DEVICES}/${address}`;
  const target = parsePciAddress(address) === undefined ? undefined : readLinkIfAny(tree, entry);
  if (target === undefined) return undefined;
  const path = resolveLink(directoryName(entry), target);
  const driver = driverBoundTo(linkName(tree, `${path}/driver`));
  const total = count(tree, `${path}/sriov_totalvfs`);
  if (driver === undefined || total === 0) return undefined;
  const links = namesIfAny(tree, path)
    .filter((name) => /^virtfn\d+$/.test(name))
    .toSorted((one, other) => Number(one.slice(6)) - Number(other.slice(6)));
  const isOn = count(tree, `${path}/sriov_numvfs`) > 0;
  const functions = isOn
    ? links.map((name) => baseName(tree.readLink(`${path}/${name}`)))
    : functionsToBe(tree, address, path, total);
  const device = readIfAny(tree, `${path}/device`) ?? '';
  return { address, path, driver, device, isOn, functions };
}

function driverBoundTo(bound: string | undefined): Driver | undefined {
  return bound === undefined ? undefined : drivers.find(({ setup }) => setup?.boundTo === bound);
}

/** The addresses that the functions get when they are turned on (PCI Express, First VF Offset and VF Stride). */
function functionsToBe(
  tree: Tree,
  address: string,
  path: string,
  total: number,
): readonly string[] {
  const [offset, stride] = [
    count(tree, `${path}/sriov_offset`),
    count(tree, `${path}/sriov_stride`),
  ];
  const physical = parsePciAddress(address);
  if (physical === undefined || offset === 0 || (stride === 0 && total > 1)) return [];
  const { domain, bus, slot } = physical;
  const first = (bus << 8) + (slot << 3) + physical.function + offset;
  return Array.from({ length: total }, (_, index) => {
    const id = first + index * stride;
    return formatPciAddress({ domain, bus: id >> 8, slot: (id >> 3) & 0x1f, function: id & 7 });
  });
}

/** A number in a file; 0 when there is none. */
function count(tree: Tree, path: string): number {
  const text = readIfAny(tree, path)?.trim() ?? '';
  return /^\d{1,5}$/.test(text) ? Number(text) : 0;
}
