import type { PciAddress } from '../../nodedev/device.ts';

/** `0000:86:00.0`, and the longer domains of VMD. */
const PCI_ADDRESS = /^([0-9a-f]{4,8}):([0-9a-f]{2}):([01][0-9a-f])\.([0-7])$/;

/** Reads a PCI device's sysfs name; undefined when it is none. */
export function parsePciAddress(name: string): PciAddress | undefined {
  const [, domain, bus, slot, fn] = PCI_ADDRESS.exec(name) ?? [];
  if (domain === undefined || bus === undefined || slot === undefined || fn === undefined) {
    return undefined;
  }
  return {
    domain: Number.parseInt(domain, 16),
    bus: Number.parseInt(bus, 16),
    slot: Number.parseInt(slot, 16),
    function: Number(fn),
  };
}

/** A PCI device's sysfs name: `0000:86:00.0`. */
export function formatPciAddress(address: PciAddress): string {
  const { domain, bus, slot } = address;
  return `${hex(domain, 4)}:${hex(bus, 2)}:${hex(slot, 2)}.${address.function}`;
}

/** A number in lower case hexadecimal, with at least so many digits. */
export function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
