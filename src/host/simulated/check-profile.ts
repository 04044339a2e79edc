import type { NodeDevice } from '../../nodedev/device.ts';
import { parseChannelAddress } from '../sysfs/channel-address.ts';
import { formatPciAddress } from '../sysfs/pci-address.ts';
import { baseName, isFileName } from '../tree.ts';
import { kernelOf } from './kernel.ts';
import { isDevicePath } from './paths.ts';
import type { HostProfile } from './profile.ts';

const COMPUTER = 'computer';

/**
 * A mistake in the names, paths and parents of a profile's devices, as a sentence. Every path must be below /sys/devices,
 * so that an untrusted profile can be laid out below any root.
 */
export function checkProfile(profile: HostProfile): string | undefined {
  const devices = [
    ...profile.devices,
    ...profile.cards.flatMap((card) => card.parents.map(({ device }) => device)),
  ];
  const paths = new Map<string, string>([[COMPUTER, '/sys/devices']]);
  for (const { name, path } of devices) {
    if (name === undefined) return 'A <device> has no <name>';
    if (name === COMPUTER) continue;
    if (path === undefined) return `Device '${name}' has no <path>`;
    if (!isDevicePath(path)) return `The path '${path}' of '${name}' is none below /sys/devices`;
    if (paths.has(name)) return `There are two devices '${name}'`;
    if ([...paths.values()].includes(path)) return `There are two devices at '${path}'`;
    paths.set(name, path);
  }
  if (
    profile.cards.some(({ functions }) => functions !== undefined) &&
    !kernelOf(profile).vfioDev
  ) {
    return `Functions with a type need a newer kernel than ${profile.layout ?? profile.kernel ?? ''}: 6.1`;
  }
  const types = profile.cards.flatMap((card) => card.types);
  const filed = types.find(({ files = [] }) => files.length > 0);
  if (profile.layout === 'v7' && filed !== undefined) {
    return `Type '${filed.id}' has files of its vendor, for which the layout v7 has no place`;
  }
  const addresses = profile.cards.flatMap((card) => card.parents.map(({ address }) => address));
  const repeated = addresses.find((address, index) => addresses.indexOf(address) < index);
  if (repeated !== undefined) return `There are two parents '${repeated}'`;
  return devices
    .filter(({ name }) => name !== COMPUTER)
    .map((device) => pathProblem(device, paths) ?? addressProblem(device))
    .find((problem) => problem !== undefined);
}

function pathProblem(
  { name, path, parent, driver }: NodeDevice,
  paths: ReadonlyMap<string, string>,
): string | undefined {
  const above = parent?.name;
  if (above === undefined) return `Device '${name}' has no <parent>`;
  const parentPath = paths.get(above);
  if (parentPath === undefined) return `The parent '${above}' of '${name}' is not in the profile`;
  if (path?.startsWith(`${parentPath}/`) !== true) {
    return `Device '${name}' is not below its parent '${above}'`;
  }
  if (driver !== undefined && !isFileName(driver)) return `'${driver}' is no driver's name`;
  return undefined;
}

/** Checks that a device's capability and its path have the same address. */
function addressProblem({ name, path = '', capabilities }: NodeDevice): string | undefined {
  const address = baseName(path);
  for (const capability of capabilities) {
    if (capability.kind === 'pci') {
      const { domain = 0, bus = 0, slot = 0, function: fn = 0 } = capability;
      if (formatPciAddress({ domain, bus, slot, function: fn }) !== address) {
        return `The address of '${name}' is not that of its path '${path}'`;
      }
    }
    if (capability.kind === 'css') {
      const { cssid, ssid, devno } = parseChannelAddress(address) ?? {};
      const isSame =
        cssid === capability.cssid && ssid === capability.ssid && devno === capability.devno;
      if (!isSame) return `The address of '${name}' is not that of its path '${path}'`;
    }
  }
  return undefined;
}
