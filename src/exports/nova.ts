import { groupBy } from '../group-by.ts';
import { cardTitle, type Inventory, type InventoryCard, othersComment } from './inventory.ts';

/**
 * The lines of `nova.conf` for the devices that a host has, active or defined. Nova sets no type of a function: it finds functions
 * that have one, by their addresses, since 2025.1 (admin/pci-passthrough). Mediated devices it makes itself, of the types it
 * is told (admin/virtual-gpu).
 */
export function novaExport(inventory: Inventory): string {
  const functions = inventory.cards.filter((card) => card.isFunctions && card.devices.length > 0);
  const mediated = inventory.cards.filter((card) => !card.isFunctions && card.devices.length > 0);
  const lines = [
    ...(functions.length === 0 ? [] : [...PCI, ...functions.flatMap(specs), ...aliases(functions)]),
    ...(mediated.length === 0 ? [] : mdevTypes(mediated)),
    ...othersComment(inventory, 'Nova'),
  ];
  return lines.length === 0
    ? '# No device of this host has a type: Nova is told of types that are set before it starts.\n'
    : `${lines.join('\n')}\n`;
}

const PCI: readonly string[] = [
  '# Nova 2025.1 or newer, libvirt 10.0 or newer. The types must be set before nova-compute starts, at every boot.',
  "# Sources differ: a note in Nova's PCI guide says that functions of one GPU with different resource classes keep nova-compute from",
  '# starting, and its own example has them. With one type on a GPU both agree.',
  '[pci]',
  'report_in_placement = True',
];

const specs = (card: InventoryCard): readonly string[] => [
  `# ${cardTitle(card)}`,
  ...card.devices.flatMap(({ address, type }) => {
    const place = card.places.find((one) => one.address === address);
    if (place === undefined) return [];
    const spec = json({
      vendor_id: place.vendor,
      product_id: place.device,
      address,
      resource_class: resourceClass(type.shortName),
      managed: 'no',
    });
    return [`device_spec = ${spec}`];
  }),
];

function aliases(cards: readonly InventoryCard[]): readonly string[] {
  const classes = new Set(
    cards.flatMap(({ devices }) => devices.map(({ type }) => resourceClass(type.shortName))),
  );
  return [
    '# Also in the nova.conf of nova-api. A flavor asks for one: --property "pci_passthrough:alias"="NAME:1". The scheduler needs',
    '# [filter_scheduler] pci_in_placement = True. An alias by vendor_id and product_id could not tell types apart.',
    ...[...classes].map((name) => {
      const alias = { device_type: 'type-VF', resource_class: name, name: name.slice(7) };
      return `alias = ${json(alias)}`;
    }),
  ];
}

function mdevTypes(cards: readonly InventoryCard[]): readonly string[] {
  const devices = cards.flatMap((card) => card.devices);
  const byType = groupBy(devices, ({ type }) => type.id);
  const byAddress = groupBy(devices, ({ address }) => address);
  const torn = [...byAddress].filter(
    ([, there]) => new Set(there.map(({ type }) => type.id)).size > 1,
  );
  return [
    '# Nova makes these mediated devices itself. Those that are here now are not for it, and take room.',
    ...torn.map(
      ([address]) => `# ${address} has several types here; Nova takes one for each address`,
    ),
    '[devices]',
    `enabled_mdev_types = ${[...byType.keys()].join(', ')}`,
    ...[...byType].flatMap(([id, there]) => {
      const addresses = [...new Set(there.map(({ address }) => address))].join(',');
      return [`[mdev_${id}]`, `device_addresses = ${addresses}`];
    }),
  ];
}

/** As Nova makes it of any text: upper case, `_` for each run of other characters, `CUSTOM_` in front. */
export const resourceClass = (name: string): string =>
  `CUSTOM_${name.toUpperCase().replaceAll(/[^A-Z0-9_]+/gu, '_')}`;

const json = (value: Readonly<Record<string, string>>): string =>
  `{${Object.entries(value)
    .map(([key, text]) => ` ${JSON.stringify(key)}: ${JSON.stringify(text)}`)
    .join(',')} }`;
