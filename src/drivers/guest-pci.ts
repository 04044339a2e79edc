import type { IdentifiedName, PciCapability } from '../nodedev/device.ts';

/** A PCI device as a guest sees it: who made it and what it is; where it is, the guest decides. */
export function guestPciDevice(facts: {
  readonly class?: string | undefined;
  readonly product?: IdentifiedName | undefined;
  readonly vendor?: IdentifiedName | undefined;
}): PciCapability {
  return { kind: 'pci', ...facts, capabilities: [], extra: [] };
}
