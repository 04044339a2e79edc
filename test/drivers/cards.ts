import type { Card, CardDevice, CardType, Driver } from '../../src/drivers/driver.ts';
import type { PciCapability } from '../../src/nodedev/device.ts';

/** The `number`th uuid of a test. */
export const uuid = (number: number): string =>
  `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

/** A card with one parent, `parent`, and one device for each type id. */
export function cardOf(
  types: readonly CardType[],
  devices: readonly string[] = [],
  settings: Readonly<Record<string, string>> = {},
): Card {
  return { parents: ['parent'], types, devices: devicesOf(devices), settings };
}

/** One device per type id on `parent`, or on the parent after `@`. */
export function devicesOf(types: readonly string[]): readonly CardDevice[] {
  return types.map((entry, index) => {
    const [type = '', parent = 'parent'] = entry.split('@');
    return { uuid: uuid(index), parent, type };
  });
}

/** The type of this id; a test that misspells it fails. */
export function typeOf(card: Card, id: string): CardType {
  const type = card.types.find((candidate) => candidate.id === id);
  if (!type) throw new Error(`no type ${id} in this test's card`);
  return type;
}

/** What every type has left, in the card's order. */
export const left = (driver: Driver, card: Card, parent = 'parent'): readonly number[] =>
  card.types.map((type) => driver.available(card, parent, type));

/** A type id as often as this. */
export const repeat = (type: string, count: number): readonly string[] =>
  Array.from({ length: count }, () => type);

/** A type's description item by item, as `name=value`. */
export const attributesOf = (driver: Driver, type: CardType | undefined): readonly string[] =>
  type === undefined ? [] : driver.attributes(type).map(({ name, value }) => `${name}=${value}`);

/** A new device's attribute files, as `name mode value`. */
export const filesOf = (driver: Driver, type: CardType | undefined): readonly string[] =>
  type === undefined
    ? []
    : driver
        .deviceAttributes(uuid(1), type)
        .map(({ name, mode, value }) => `${name} ${mode.toString(8)} ${value}`);

/** The PCI function of a Tesla M60, with everything a parent has. */
export const pciParent: PciCapability = {
  kind: 'pci',
  class: '0x030000',
  domain: 0,
  bus: 0x86,
  slot: 0,
  function: 0,
  product: { id: '0x13f2', text: 'GM204GL [Tesla M60]' },
  vendor: { id: '0x10de', text: 'NVIDIA Corporation' },
  capabilities: [{ kind: 'mdev_types', types: [], extra: [] }],
  numaNode: 1,
  extra: [],
};

/** The PCI device a guest sees of a type of a card in {@link pciParent}: class, vendor, product; nothing of where it is. */
export function guestIds(driver: Driver, type: CardType | undefined): readonly unknown[] {
  const seen = type && driver.guestPci(type, pciParent);
  if (seen === undefined) return [];
  const { class: deviceClass, vendor, product, ...rest } = seen;
  return [deviceClass, vendor?.id, product?.id, rest];
}

/** What {@link guestIds} has beside the three ids. */
export const NOWHERE = { kind: 'pci', capabilities: [], extra: [] };
