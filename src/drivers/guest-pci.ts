import type { IdentifiedName, PciCapability } from '../nodedev/device.ts';

/** A PCI device as a guest sees it: its ids and its class, but no address, since the guest decides on it. */
export function guestPciDevice(facts: {
  readonly class?: string | undefined;
  readonly product?: IdentifiedName | undefined;
  readonly vendor?: IdentifiedName | undefined;
}): PciCapability {
  return { kind: 'pci', ...facts, capabilities: [], extra: [] };
}
