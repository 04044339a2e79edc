import type { PciCapability } from '../device.ts';
import { attribute, child, nested, optional, printed } from '../fields.ts';
import { supplied } from '../messages.ts';
import { capabilityOf, wrapped } from '../record.ts';
import type { CapabilityTableFor } from '../table.ts';
import { hexId, int, unsignedInt } from '../values.ts';
import { identifiedName, iommuGroup } from './common.ts';
import { offeredTypes } from './mdev-types.ts';
import {
  cardbusBridge,
  pciBridge,
  pciExpress,
  physFunction,
  virtFunctions,
  vpd,
} from './pci-parts.ts';

const lines: CapabilityTableFor<PciCapability> = {
  class: optional(child('class', hexId(6, 0xff_ffff), supplied('PCI class'))),
  domain: optional(child('domain', unsignedInt, supplied('PCI domain ID'))),
  bus: optional(child('bus', unsignedInt, supplied('PCI bus ID'))),
  slot: optional(child('slot', unsignedInt, supplied('PCI slot ID'))),
  function: optional(child('function', unsignedInt, supplied('PCI function ID'))),
  product: optional(child('product', identifiedName)),
  vendor: optional(child('vendor', identifiedName)),
  capabilities: nested(physFunction, virtFunctions, pciBridge, cardbusBridge, ...offeredTypes, vpd),
  iommuGroup: optional(child('iommuGroup', iommuGroup)),
  // For libvirt a negative number means that there is no node.
  numaNode: printed(
    optional(child('numa', wrapped(optional(attribute('node', int))))),
    (node, dialect) => (dialect === 'libvirt' && node !== undefined && node < 0 ? undefined : node),
  ),
  pciExpress: optional(child('pci-express', pciExpress)),
};

/** libvirt's sentences for the numbers that a device on the host must have. A guest's device may lack them. */
const DEMANDS = [
  [({ domain }: PciCapability) => domain, 'PCI domain ID'],
  [({ bus }: PciCapability) => bus, 'PCI bus ID'],
  [({ slot }: PciCapability) => slot, 'PCI slot ID'],
  [({ function: fn }: PciCapability) => fn, 'PCI function ID'],
  [({ vendor }: PciCapability) => vendor?.id, 'PCI vendor ID'],
  [({ product }: PciCapability) => product?.id, 'PCI product ID'],
] as const;

/** `<capability type='pci'>` of a device on the host. */
export const pci = capabilityOf<PciCapability>('pci', lines, {
  check: (value, subject) => {
    const missing = DEMANDS.find(([of]) => of(value) === undefined)?.[1];
    return missing === undefined ? undefined : supplied(missing).missing(subject);
  },
});

/** The `<capability type='pci'>` inside an mdev's: what a guest sees. */
export const guestPci = capabilityOf<PciCapability>('pci', lines);
