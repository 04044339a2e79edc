import type { PciAddress } from '../nodedev/device.ts';
import { attributeOf, buildElement, childElements, type XmlElement } from '../xml/element.ts';
import type { GuestAddress, GuestCcwAddress, GuestPciAddress, ZpciAddress } from './hostdev.ts';
import { hex, hexDigits, readUnsigned } from './numbers.ts';

/** The attributes of a PCI or channel subsystem address that are numbers. For other types: none. */
export function addressNumbers(type: string | undefined): readonly string[] {
  if (type === 'pci') return ['domain', 'bus', 'slot', 'function'];
  return type === 'ccw' ? CCW_NUMBERS : [];
}

/** The attributes of a channel subsystem address. It is complete only with all three. */
export const CCW_NUMBERS: readonly string[] = ['cssid', 'ssid', 'devno'];

/** `0000:00:02.0`, as libvirt and the kernel write a PCI address. */
export function pciAddressText({ domain, bus, slot, function: fn }: PciAddress): string {
  return `${hexDigits(domain, 4)}:${hexDigits(bus, 2)}:${hexDigits(slot, 2)}.${hexDigits(fn, 1)}`;
}

/** `fe.0.0001`, as libvirt and QEMU write a channel subsystem address. */
export function ccwAddressText({ cssid, ssid, devno }: GuestCcwAddress): string {
  return `${hexDigits(cssid, 1)}.${hexDigits(ssid, 1)}.${hexDigits(devno, 4)}`;
}

/** A guest address as users write it. */
export function addressText(address: GuestAddress): string {
  return address.kind === 'pci' ? pciAddressText(address) : ccwAddressText(address);
}

/**
 * The numbers of a PCI address element; absent ones are 0. Undefined when one of them is no number. A validation rule
 * checks the ranges.
 */
export function readPciAddress(element: XmlElement): PciAddress | undefined {
  const domain = numberAttribute(element, 'domain');
  const bus = numberAttribute(element, 'bus');
  const slot = numberAttribute(element, 'slot');
  const fn = numberAttribute(element, 'function');
  if (domain === undefined || bus === undefined || slot === undefined || fn === undefined) {
    return undefined;
  }
  return { domain, bus, slot, function: fn };
}

/**
 * A device's `<address>` child as a guest address. Undefined when it is of another type, left to libvirt to assign
 * (`<address type='pci'/>`), or unreadable.
 */
export function readGuestAddress(element: XmlElement): GuestAddress | undefined {
  const type = attributeOf(element, 'type');
  if (type === 'pci') return readGuestPci(element);
  if (type === 'ccw') return readGuestCcw(element);
  return undefined;
}

/** Whether a PCI address is the one by which libvirt is asked to assign one. (libvirt src/util/virpci.c: virPCIDeviceAddressIsEmpty) */
export function isEmptyPciAddress(address: PciAddress): boolean {
  return address.domain === 0 && address.bus === 0 && address.slot === 0;
}

/** Both numbers of a `<zpci>` child; undefined when the address has none. */
export function readZpci(address: XmlElement): ZpciAddress | undefined {
  const zpci = childElements(address, 'zpci').at(-1);
  if (zpci === undefined) return undefined;
  const uid = attributeOf(zpci, 'uid');
  const fid = attributeOf(zpci, 'fid');
  return {
    uid: uid === undefined ? undefined : readUnsigned(uid),
    fid: fid === undefined ? undefined : readUnsigned(fid),
  };
}

/** The numbers of a PCI address as libvirt prints them. */
export function pciNumbers({ domain, bus, slot, function: fn }: PciAddress) {
  return {
    domain: hex(domain, 4),
    bus: hex(bus, 2),
    slot: hex(slot, 2),
    function: hex(fn, 1),
  };
}

/** A guest address as libvirt prints it. (src/conf/domain_conf.c: virDomainDeviceInfoFormat) */
export function guestAddressElement(address: GuestAddress): XmlElement {
  if (address.kind === 'ccw') {
    return buildElement('address', {
      type: 'ccw',
      cssid: hex(address.cssid, 1),
      ssid: hex(address.ssid, 1),
      devno: hex(address.devno, 4),
    });
  }
  return buildElement(
    'address',
    {
      type: 'pci',
      ...pciNumbers(address),
      multifunction: onOff(address.multifunction),
    },
    address.zpci === undefined ? [] : [zpciElement(address.zpci)],
  );
}

/** The value of a libvirt attribute that is `on` or `off`; undefined: the attribute is absent. */
export function onOff(value: boolean | undefined): 'on' | 'off' | undefined {
  return value === undefined ? undefined : value ? 'on' : 'off';
}

function zpciElement(zpci: ZpciAddress): XmlElement {
  return buildElement('zpci', {
    uid: zpci.uid === undefined ? undefined : hex(zpci.uid, 4),
    fid: zpci.fid === undefined ? undefined : hex(zpci.fid, 8),
  });
}

function readGuestPci(element: XmlElement): GuestPciAddress | undefined {
  const address = readPciAddress(element);
  if (address === undefined || isEmptyPciAddress(address)) return undefined;
  const multifunction = attributeOf(element, 'multifunction');
  return {
    kind: 'pci',
    ...address,
    multifunction: multifunction === undefined ? undefined : multifunction === 'on',
    zpci: readZpci(element),
  };
}

function readGuestCcw(element: XmlElement): GuestCcwAddress | undefined {
  const parts = CCW_NUMBERS.map((name) => attributeOf(element, name));
  const [cssid, ssid, devno] = parts.map((text) =>
    text === undefined ? undefined : readUnsigned(text),
  );
  if (cssid === undefined || ssid === undefined || devno === undefined) return undefined;
  return { kind: 'ccw', cssid, ssid, devno };
}

function numberAttribute(element: XmlElement, name: string): number | undefined {
  const text = attributeOf(element, name);
  return text === undefined ? 0 : readUnsigned(text);
}
