import { attribute, child, children, content, optional } from '../fields.ts';
import { capability, extensible, recordType, tagged } from '../record.ts';
import { pattern, text, unsignedInt } from '../values.ts';
import { pciAddress } from './common.ts';

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
