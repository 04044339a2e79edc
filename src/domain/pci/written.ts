import { attributeOf, childElements } from '../../xml/element.ts';
import { pciAddressText } from '../address.ts';
import { pciRangeProblem } from '../address-range.ts';
import type { Domain, DomainDevice } from '../domain.ts';
import type { GuestPciAddress } from '../hostdev.ts';
import type { PciProblem } from './problem.ts';

/** The order in which libvirt looks at addresses; other kinds come after these. */
const ORDER = ['disk', 'interface', 'sound', 'hostdev', 'video', 'controller'];

/** A device and the PCI address it says. */
export interface Written {
  readonly device: DomainDevice;
  readonly address: GuestPciAddress;
}

function inOrder(written: readonly Written[]): readonly Written[] {
  const rank = ({ device }: Written): number => ORDER.indexOf(device.kind) + 1 || ORDER.length + 1;
  return written.toSorted((left, right) => rank(left) - rank(right));
}

/** Devices with a PCI address that is in range, in the order libvirt looks at them. */
export function writtenAddresses(domain: Domain): readonly Written[] {
  const firstConsole = domain.devices.find(({ kind }) => kind === 'console');
  const written = domain.devices.flatMap((device) => {
    if (device === firstConsole && isSerialPort(device)) return [];
    const { address } = device;
    return address?.kind === 'pci' && pciRangeProblem(address) === undefined
      ? [{ device, address }]
      : [];
  });
  return inOrder(written);
}

/** The first console is the first serial port under another name. (libvirt virDomainSkipBackcompatConsole) */
function isSerialPort({ element }: DomainDevice): boolean {
  const target = childElements(element, 'target')[0];
  const type = target && attributeOf(target, 'type');
  return type === undefined || type === 'serial';
}

/** Addresses that two devices say. */
export function sharedAddresses(domain: Domain): readonly PciProblem[] {
  const seen = new Map<string, DomainDevice>();
  return writtenAddresses(domain).flatMap(({ device, address }): readonly PciProblem[] => {
    const text = pciAddressText(address);
    const holder = seen.get(text);
    if (holder === undefined) seen.set(text, device);
    const message = `Attempted double use of PCI Address ${text}`;
    return holder === undefined ? [] : [{ kind: 'taken', device, message, holder }];
  });
}
