import type { IdentifiedName, PciCapability } from '../nodedev/device.ts';
import type { PciIds } from './device-model.ts';

/** A PCI device as a guest sees it: its ids and its class, but no address, since the guest decides on it. */
export function guestPciDevice(facts: {
  readonly class?: string | undefined;
  readonly product?: IdentifiedName | undefined;
  readonly vendor?: IdentifiedName | undefined;
}): PciCapability {
  return { kind: 'pci', ...facts, capabilities: [], extra: [] };
}

/** The same of a device whose model is known. */
export function guestPciOf(ids: PciIds): PciCapability {
  const hex = (id: number, digits: number) => `0x${id.toString(16).padStart(digits, '0')}`;
  return guestPciDevice({
    class: hex(ids.class, 6),
    product: { id: hex(ids.product, 4) },
    vendor: { id: hex(ids.vendor, 4) },
  });
}
