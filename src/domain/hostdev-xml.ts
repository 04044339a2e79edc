import { parseMdevName } from '../nodedev/names.ts';
import { parseUuid } from '../nodedev/uuid.ts';
import type { XmlAttribute, XmlElement } from '../xml/element.ts';
import { attributeOf, childElements, textOf } from '../xml/element.ts';
import { addressNumbers, readGuestAddress, readPciAddress } from './address.ts';
import type { Hostdev, HostdevModel, HostdevSettings, PciHostdev } from './hostdev.ts';
import { loadparmProblem } from './loadparm.ts';
import { readDecimal, readUnsigned } from './numbers.ts';

/** The part of a mediated hostdev that names its device. */
export interface MediatedSource {
  readonly form: 'libvirt' | 'thread';
  /** The `uuid` attribute, or the thread's `<uuid>` or `<name>` element; undefined when none is there. */
  readonly uuidNode?: XmlAttribute | XmlElement | undefined;
  /** Lower case, hyphenated; undefined when absent, no uuid, or a name that says none. */
  readonly uuid?: string | undefined;
}

/** The uuid of a device that has this name on its host (`my-vgpu`); undefined: there is none. */
export type UuidOfName = (name: string) => string | undefined;

/** The known child elements. Others become the `extra` of a {@link Hostdev}. */
const KNOWN_CHILDREN: ReadonlySet<string> = new Set(['source', 'boot', 'alias', 'acpi', 'address']);

/** libvirt's hostdev model of that name, or undefined. */
export function hostdevModel(name: string | undefined): HostdevModel | undefined {
  return name === 'vfio-pci' || name === 'vfio-ccw' || name === 'vfio-ap' ? name : undefined;
}

/** The part that names a mediated device, in either form; undefined when it is a hostdev of another type. */
export function readMediatedSource(
  element: XmlElement,
  uuidOf?: UuidOfName,
): MediatedSource | undefined {
  const source = childElements(element, 'source')[0];
  if (attributeOf(element, 'type') === 'mdev') {
    const address = source && childElements(source, 'address')[0];
    const uuidNode = address?.attributes.find((attribute) => attribute.name === 'uuid');
    return { form: 'libvirt', uuidNode, uuid: uuidNode && parseUuid(uuidNode.value) };
  }
  if (source !== undefined && attributeOf(source, 'type') === 'mdev') {
    const uuidNode = childElements(source, 'uuid')[0];
    if (uuidNode !== undefined) {
      return { form: 'thread', uuidNode, uuid: parseUuid(textOf(uuidNode)) };
    }
    // The thread's alternative: the node device's name.
    const nameNode = childElements(source, 'name')[0];
    const name = nameNode && textOf(nameNode).trim();
    const uuid = name === undefined ? undefined : (parseMdevName(name)?.uuid ?? uuidOf?.(name));
    return { form: 'thread', uuidNode: nameNode, uuid };
  }
  return undefined;
}

/** The mediated device a `<hostdev>` names; undefined when it is of another type or a part of it is unreadable. */
export function readMediatedHostdev(element: XmlElement, uuidOf?: UuidOfName): Hostdev | undefined {
  const source = readMediatedSource(element, uuidOf);
  if (source?.uuid === undefined || !isReadable(element)) return undefined;
  const written = attributeOf(element, 'model');
  const model = hostdevModel(written);
  const modelNeeded = source.form === 'libvirt' || written !== undefined;
  if (model === undefined && modelNeeded) return undefined;
  const extra = childElements(element).filter((child) => !KNOWN_CHILDREN.has(child.name));
  return {
    uuid: source.uuid,
    model,
    ...readSettings(element),
    extra: extra.length === 0 ? undefined : extra,
  };
}

/**
 * The PCI device a `<hostdev type='pci'>` names; undefined when it is of another type, unreadable, or has children
 * this library gives no meaning to (`<rom>`, `<teaming>`, a driver other than vfio).
 */
export function readPciHostdev(element: XmlElement): PciHostdev | undefined {
  if (attributeOf(element, 'type') !== 'pci' || readMediatedSource(element) !== undefined) {
    return undefined;
  }
  const source = childElements(element, 'source')[0];
  const address = source && childElements(source, 'address')[0];
  const host = address && readPciAddress(address);
  const known = childElements(element).every(
    (child) => KNOWN_CHILDREN.has(child.name) || isVfioDriver(child),
  );
  if (host === undefined || !known || !isReadable(element)) return undefined;
  const iommufd = isSet(childAttribute(element, 'driver', 'iommufd'), 'yes');
  return { host, ...readSettings(element), ...(iommufd === undefined ? {} : { iommufd }) };
}

/** The settings that all host devices can have. The element must be {@link isReadable}. */
function readSettings(element: XmlElement): HostdevSettings {
  const address = childElements(element, 'address')[0];
  const bootOrder = childAttribute(element, 'boot', 'order');
  const acpiIndex = childAttribute(element, 'acpi', 'index');
  return {
    managed: isSet(attributeOf(element, 'managed'), 'yes'),
    display: isSet(attributeOf(element, 'display'), 'on'),
    ramfb: isSet(attributeOf(element, 'ramfb'), 'on'),
    bootOrder: bootOrder === undefined ? undefined : readDecimal(bootOrder),
    loadparm: childAttribute(element, 'boot', 'loadparm')?.toUpperCase(),
    alias: childAttribute(element, 'alias', 'name'),
    acpiIndex: acpiIndex === undefined ? undefined : readDecimal(acpiIndex),
    address: address && readGuestAddress(address),
  };
}

/** Whether everything that {@link readSettings} reads is absent or has a value that libvirt accepts. */
function isReadable(element: XmlElement): boolean {
  const address = childElements(element, 'address')[0];
  return (
    isOneOf(attributeOf(element, 'managed'), ['yes', 'no']) &&
    isOneOf(attributeOf(element, 'display'), ['on', 'off']) &&
    isOneOf(attributeOf(element, 'ramfb'), ['on', 'off']) &&
    isPositive(childAttribute(element, 'boot', 'order')) &&
    loadparmProblem(childAttribute(element, 'boot', 'loadparm')) === undefined &&
    isPositive(childAttribute(element, 'acpi', 'index')) &&
    (address === undefined || isReadableAddress(address))
  );
}

function isReadableAddress(address: XmlElement): boolean {
  return addressNumbers(attributeOf(address, 'type')).every((name) => {
    const value = attributeOf(address, name);
    return value === undefined || readUnsigned(value) !== undefined;
  });
}

function isVfioDriver(child: XmlElement): boolean {
  return (
    child.name === 'driver' &&
    childElements(child).length === 0 &&
    child.attributes.every(({ name, value }) =>
      name === 'iommufd' ? isOneOf(value, ['yes', 'no']) : name === 'name' && value === 'vfio',
    )
  );
}

function childAttribute(element: XmlElement, child: string, name: string): string | undefined {
  const found = childElements(element, child)[0];
  return found && attributeOf(found, name);
}

function isSet(value: string | undefined, on: string): boolean | undefined {
  return value === undefined ? undefined : value === on;
}

function isOneOf(value: string | undefined, allowed: readonly string[]): boolean {
  return value === undefined || allowed.includes(value);
}

function isPositive(value: string | undefined): boolean {
  return value === undefined || (readDecimal(value) ?? 0) > 0;
}
