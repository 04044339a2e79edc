import type {
  IdentifiedName,
  IommuGroup,
  NamedValue,
  PciAddress,
  TypeAttribute,
} from '../model.ts';
import { attribute, children, content, mayBeEmpty, optional } from '../fields.ts';
import { recordTypeOf } from '../record.ts';
import { hexId, hexNumber, text, unsignedInt } from '../values.ts';

/** `<address domain='0x0000' bus='0x02' slot='0x10' function='0x7'/>`; limits: virPCIDeviceAddressIsValid. */
export const pciAddress = recordTypeOf<PciAddress>({
  domain: attribute('domain', hexNumber(4, 0xffff_ffff)),
  bus: attribute('bus', hexNumber(2, 0xff)),
  slot: attribute('slot', hexNumber(2, 0x1f)),
  function: attribute('function', hexNumber(1, 7)),
});

/** `<iommuGroup number='12'>`; addresses in a pci capability only. */
export const iommuGroup = recordTypeOf<IommuGroup>({
  number: attribute('number', unsignedInt),
  addresses: children('address', pciAddress),
});

/** `<attr name='…' value='…'/>`. libvirt drops one without name or value; here it is refused. */
export const attr = recordTypeOf<NamedValue>({
  name: attribute('name', text, { missing: () => 'mdev attribute missing name or value' }),
  value: mayBeEmpty(
    attribute('value', text, { missing: () => 'mdev attribute missing name or value' }),
  ),
});

/**
 * The thread's `<attribute name='num_heads'>2</attribute>`; the value may also be in an attribute: `value='2'`.
 * A request may give bounds instead: `<attribute name='framebuffer' min='2097152'/>`.
 */
export const typeAttribute = recordTypeOf<TypeAttribute>(
  {
    name: attribute('name', text),
    min: optional(attribute('min', unsignedInt)),
    max: optional(attribute('max', unsignedInt)),
    value: optional(content(text, 'value')),
  },
  {
    check: ({ name, value, min, max }) =>
      (value ?? min ?? max) === undefined
        ? `attribute '${name}' of <type> has neither a value nor min or max`
        : undefined,
  },
);

/** `<product id='0x13f2'>GM204GL [Tesla M60]</product>`. */
export const identifiedName = recordTypeOf<IdentifiedName>({
  id: optional(attribute('id', hexId(4))),
  text: optional(content(text)),
});
