import type { PciCapability } from '../device.ts';
import { attribute, child, children, content, nested, optional, printed } from '../fields.ts';
import { supplied } from '../messages.ts';
import { capability, capabilityOf, extensible, recordType, tagged, wrapped } from '../record.ts';
import type { CapabilityTableFor } from '../table.ts';
import { hexId, int, pattern, text, unsignedInt } from '../values.ts';
import { identifiedName, iommuGroup, pciAddress } from './common.ts';
import { offeredTypes } from './mdev-types.ts';

/** `<capability type='phys_function'>`: the SR-IOV physical function of a virtual one. */
export const physFunction = capability('phys_function', {
  address: child('address', pciAddress, {
    missing: () => "Missing address in 'phys_function' capability",
  }),
});

/** `<capability type='virt_functions'>`: the SR-IOV virtual functions of a physical one. */
export const virtFunctions = capability('virt_functions', {
  maxCount: optional(
    attribute('maxCount', unsignedInt, { invalid: () => "Malformed 'maxCount' parameter" }),
  ),
  addresses: children('address', pciAddress),
});

/** `<capability type='pci-bridge'/>`, by the device's header type. */
export const pciBridge = capability('pci-bridge', {});

/** `<capability type='cardbus-bridge'/>`. */
export const cardbusBridge = capability('cardbus-bridge', {});

/** `<vendor_field index='0'>…</vendor_field>`. */
const vpdField = recordType({
  index: attribute('index', pattern('one digit or capital letter', /^[0-9A-Z]$/)),
  value: content(text),
});

const vpdReadOnly = extensible(
  {
    changeLevel: optional(child('change_level', text)),
    manufactureId: optional(child('manufacture_id', text)),
    partNumber: optional(child('part_number', text)),
    serialNumber: optional(child('serial_number', text)),
    vendorFields: children('vendor_field', vpdField),
  },
  { expanded: true },
);

const vpdReadWrite = extensible(
  {
    assetTag: optional(child('asset_tag', text)),
    vendorFields: children('vendor_field', vpdField),
    systemFields: children('system_field', vpdField),
  },
  { expanded: true },
);

/** `<capability type='vpd'>`: vital product data. */
export const vpd = capability('vpd', {
  name: child('name', text, {
    missing: () => 'Could not read a device name from the <name> element',
  }),
  readOnly: optional(child('fields', tagged(['access', 'readonly'], vpdReadOnly))),
  readWrite: optional(child('fields', tagged(['access', 'readwrite'], vpdReadWrite))),
});

const pcieLink = recordType({
  port: optional(attribute('port', unsignedInt)),
  /** In GT/s. */
  speed: optional(attribute('speed', pattern('a speed in GT/s', /^[0-9]+(?:\.[0-9]+)?$/))),
  /** Number of lanes. */
  width: attribute('width', unsignedInt),
});

/** `<pci-express>`: what the link is able to do, and its current state. */
export const pciExpress = extensible({
  capability: optional(child('link', tagged(['validity', 'cap'], pcieLink))),
  status: optional(child('link', tagged(['validity', 'sta'], pcieLink))),
});

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
