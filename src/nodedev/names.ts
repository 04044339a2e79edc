import { NodedevError } from '../errors.ts';
import { parseUuid } from './uuid.ts';

/** The parts of a mediated device's node device name. */
export interface MdevName {
  /** Lower case, hyphenated. */
  readonly uuid: string;
  /**
   * The parent's sysfs name with every special character replaced (`0000_00_05_0`). It cannot be turned back into an
   * address: compare it with `nodeDeviceSuffix` of one. Undefined in the old form and for a bare uuid.
   */
  readonly parentSuffix?: string | undefined;
}

const MDEV_PREFIX = 'mdev_';
const UUID_LENGTH = 36;

/** A sysfs name in the form of node device names: every character outside `[A-Za-z0-9]` becomes `_`. */
export function nodeDeviceSuffix(sysname: string): string {
  return sysname.replace(/[^A-Za-z0-9]/g, '_');
}

/**
 * A node device's name: `pci_0000_86_00_0`, `css_0_0_0052`, `mtty_mtty`. Two devices can get one name, and the name
 * cannot be turned back into the sysfs name. Source: nodeDeviceGenerateName in libvirt's src/node_device/node_device_driver.c; the one
 * name outside the rule is `ap_matrix`, for sysfs's `matrix`.
 */
export function nodeDeviceName(subsystem: string, sysname: string): string {
  if (subsystem === 'matrix') return 'ap_matrix';
  return `${nodeDeviceSuffix(subsystem)}_${nodeDeviceSuffix(sysname)}`;
}

/** A PCI address with four to eight digits of its domain, in any case: vendors' tools write `00000000:C8:00.0`. */
const PCI_ADDRESS = /^([0-9a-f]{4,8})(:[0-9a-f]{2}:[01][0-9a-f]\.[0-7])$/iu;

/** A device's sysfs name from another spelling of its PCI address: `0000:c8:00.0`. Anything else is returned unchanged. */
export function sysfsName(name: string): string {
  const [, domain, rest] = PCI_ADDRESS.exec(name) ?? [];
  if (domain === undefined || rest === undefined) return name;
  return `${Number.parseInt(domain, 16).toString(16).padStart(4, '0')}${rest.toLowerCase()}`;
}

/** The sysfs name in a PCI or css device's node device name, or as {@link sysfsName}. For other buses the name is returned unchanged. */
export function addressOf(name: string): string {
  return sysfsName(name)
    .replace(/^pci_([0-9a-f]{4,8})_([0-9a-f]{2})_([0-9a-f]{2})_([0-7])$/u, '$1:$2:$3.$4')
    .replace(/^css_([0-9a-f]{1,2})_([0-3])_([0-9a-f]{4})$/u, '$1.$2.$3');
}

/**
 * A mediated device's name, `mdev_<uuid>_<parent>`, since libvirt 7.8. `parentAddress` is the parent's sysfs name:
 * `0000:86:00.0`, `0.0.0052`, `matrix`.
 *
 * @throws NodedevError `request-invalid`: an argument is no text
 */
export function mdevName(uuid: string, parentAddress: string): string {
  requireText('mdevName', uuid);
  requireText('mdevName', parentAddress);
  // A list has thousands of names. In a uuid only the hyphens have to be replaced, which is faster.
  return `${MDEV_PREFIX}${uuid.replaceAll('-', '_')}_${nodeDeviceSuffix(parentAddress)}`;
}

/**
 * Reads the names that libvirt has given mediated devices: `mdev_<uuid>_<parent>`, the old `mdev_<uuid>` (with underscores
 * or hyphens), and a bare uuid in any form that `parseUuid` accepts. Undefined for any other name.
 *
 * @throws NodedevError `request-invalid`: the name is no text
 */
export function parseMdevName(name: string): MdevName | undefined {
  requireText('parseMdevName', name);
  if (!name.startsWith(MDEV_PREFIX)) {
    const uuid = parseUuid(name);
    return uuid === undefined ? undefined : { uuid };
  }
  const end = MDEV_PREFIX.length + UUID_LENGTH;
  const written = name.slice(MDEV_PREFIX.length, end).replaceAll('_', '-').toLowerCase();
  const uuid = parseUuid(written);
  // The 36 characters must be the uuid as it is printed, or a shorter uuid would swallow part of the parent.
  if (uuid === undefined || uuid !== written) return undefined;
  if (name.length === end) return { uuid };
  return name.length > end + 1 && name[end] === '_'
    ? { uuid, parentSuffix: name.slice(end + 1) }
    : undefined;
}

/** For programs without types. It is called for thousands of names, so that it is no shape. */
function requireText(name: string, value: unknown): void {
  if (typeof value === 'string') return;
  throw new NodedevError('request-invalid', `${name}: an argument is no text, but ${typeof value}`);
}
