import type { Location } from '../errors.ts';
import { formatPciAddress } from '../host/sysfs/pci-address.ts';
import { parseUuid } from '../nodedev/uuid.ts';
import type { XmlAttribute, XmlElement } from '../xml/element.ts';
import { attributeOf, childElements, textOf } from '../xml/element.ts';
import { readGuestAddress, readPciAddress } from './address.ts';
import type { GuestAddress, Hostdev, PciHostdev } from './hostdev.ts';
import {
  readMediatedHostdev,
  readMediatedSource,
  readPciHostdev,
  type UuidOfName,
} from './hostdev-xml.ts';
import { readDecimal } from './numbers.ts';

/** A VM's configuration: the parts that host devices and their checks need. Everything else is in the element tree. */
export interface Domain {
  readonly name?: string | undefined;
  /** Lower case, hyphenated. */
  readonly uuid?: string | undefined;
  /** Hypervisor: `kvm`, `qemu`, `lxc`, … */
  readonly type?: string | undefined;
  readonly arch?: string | undefined;
  readonly machine?: string | undefined;
  /** `<boot dev>` elements of `<os>`. */
  readonly osBoot: readonly XmlElement[];
  /** Everything inside `<devices>`, host devices included, in document order. */
  readonly devices: readonly DomainDevice[];
  /** The host devices among them, of all types. */
  readonly hostdevs: readonly DomainHostdev[];
  /** The mediated devices that could be read. */
  readonly mdevs: readonly Hostdev[];
  readonly element: XmlElement;
}

/** A device of any kind. */
export interface DomainDevice {
  /** Element name: `disk`, `graphics`, `hostdev`, … */
  readonly kind: string;
  readonly element: XmlElement;
  readonly location?: Location | undefined;
  /** `<address>` of the guest's side. */
  readonly addressElement?: XmlElement | undefined;
  /** That address, when it is a complete PCI or channel subsystem address. */
  readonly address?: GuestAddress | undefined;
  readonly alias?: string | undefined;
  /** Undefined also when its value is no number. */
  readonly bootOrder?: number | undefined;
}

/** A `<hostdev>`. */
export interface DomainHostdev extends DomainDevice {
  readonly kind: 'hostdev';
  /** `subsystem` when absent, as libvirt reads it. */
  readonly mode: string;
  /** `mdev` also for the thread's form (`type='pci'` with `<source type='mdev'>`). */
  readonly type?: string | undefined;
  /** `thread`: the form proposed in 2016, which no libvirt reads. */
  readonly form: 'libvirt' | 'thread';
  /** As written. */
  readonly model?: string | undefined;
  /** The node with the mediated device's uuid: the `uuid` attribute, or the thread's `<uuid>` or `<name>` element. */
  readonly uuidNode?: XmlAttribute | XmlElement | undefined;
  /** Lower case, hyphenated; undefined when absent or no uuid. */
  readonly uuid?: string | undefined;
  /** The mediated device, when all parts of it could be read. */
  readonly mdev?: Hostdev | undefined;
  /** The PCI device, when all parts of it could be read and are known here. */
  readonly pci?: PciHostdev | undefined;
}

/**
 * Reads a `<domain>` element. A part that cannot be read is undefined here, and the validation rules report it. Unknown
 * elements stay in the element tree.
 *
 * @param uuidOf for the thread's form that names a device by its name, and for functions with a type, by their address
 * @param read what reads a device, for who has read some before
 */
export function readDomain(
  root: XmlElement,
  uuidOf?: UuidOfName,
  read = (element: XmlElement): DomainDevice => readDevice(element, uuidOf),
): Domain {
  const os = childElements(root, 'os')[0];
  const osType = os && childElements(os, 'type')[0];
  const name = childElements(root, 'name')[0];
  const uuid = childElements(root, 'uuid')[0];
  const devices = childElements(root, 'devices')
    .flatMap((element) => childElements(element))
    .map((element) => read(element));
  const hostdevs = devices.filter(isHostdev);
  return {
    name: name && textOf(name),
    uuid: uuid && parseUuid(textOf(uuid)),
    type: attributeOf(root, 'type'),
    arch: osType && attributeOf(osType, 'arch'),
    machine: osType && attributeOf(osType, 'machine'),
    osBoot: os === undefined ? [] : childElements(os, 'boot'),
    devices,
    hostdevs,
    mdevs: hostdevs.flatMap((hostdev) => hostdev.mdev ?? []),
    element: root,
  };
}

/** Reads one `<hostdev>` of any type; as lenient as {@link readDomain}. */
export function readHostdev(element: XmlElement, uuidOf?: UuidOfName): DomainHostdev {
  const source = readMediatedSource(element, uuidOf);
  const pci = readPciHostdev(element);
  const place = pciFunctionOf(element);
  // A function with a type is called by its address, and has a uuid on its host only.
  const uuid = source?.uuid ?? (place === undefined ? undefined : uuidOf?.(place));
  const mdev = readMediatedHostdev(element, uuidOf);
  return {
    ...readAnyDevice(element),
    kind: 'hostdev',
    mode: attributeOf(element, 'mode') ?? 'subsystem',
    type: source === undefined ? attributeOf(element, 'type') : 'mdev',
    form: source?.form ?? 'libvirt',
    model: attributeOf(element, 'model'),
    uuidNode: source?.uuidNode,
    uuid,
    mdev: pci && uuid !== undefined ? functionHostdev(pci, uuid) : mdev,
    pci,
  };
}

const functionHostdev = ({ host, ...settings }: PciHostdev, uuid: string): Hostdev => ({
  uuid,
  function: host,
  model: 'vfio-pci',
  ...settings,
});

/**
 * The address of the PCI function that a hostdev gives to the domain as a whole: `0000:86:00.0`; undefined: it gives none,
 * or the function has a type and so is a device with a uuid.
 */
export function functionOf({ uuid, element }: DomainHostdev): string | undefined {
  return uuid === undefined ? pciFunctionOf(element) : undefined;
}

/** {@link functionOf}, also of a function with a type. */
export function pciFunctionOf(element: XmlElement): string | undefined {
  if (attributeOf(element, 'type') !== 'pci' || readMediatedSource(element) !== undefined) {
    return undefined;
  }
  const source = childElements(element, 'source')[0];
  const address = source && childElements(source, 'address')[0];
  const read = address && readPciAddress(address);
  return read && formatPciAddress(read);
}

/** Reads one element of `<devices>`; as lenient as {@link readDomain}. */
export const readDevice = (element: XmlElement, uuidOf?: UuidOfName): DomainDevice =>
  element.name === 'hostdev' ? readHostdev(element, uuidOf) : readAnyDevice(element);

function readAnyDevice(element: XmlElement): DomainDevice {
  const addressElement = childElements(element, 'address')[0];
  const alias = childElements(element, 'alias')[0];
  const boot = childElements(element, 'boot')[0];
  const order = boot && attributeOf(boot, 'order');
  return {
    kind: element.name,
    element,
    location: element.location,
    addressElement,
    address: addressElement && readGuestAddress(addressElement),
    alias: alias && attributeOf(alias, 'name'),
    bootOrder: order === undefined ? undefined : readDecimal(order),
  };
}

/** Whether a device is a host device. */
export function isHostdev(device: DomainDevice): device is DomainHostdev {
  return device.kind === 'hostdev';
}
