import type { NodeDevice, PciCapability } from '../nodedev/device.ts';
import { shortTypeName } from '../drivers/type-facts.ts';
import type { Topology, TopologyCard } from '../plan/topology.ts';

/** A host's cards as managers of many hosts ask about them. */
export interface Inventory {
  /** Those on the PCI bus. */
  readonly cards: readonly InventoryCard[];
  /** Names of parents that are on none, for which no manager has a form. */
  readonly others: readonly string[];
}

export interface InventoryCard {
  /** `AD102GL [L40S]` */
  readonly product?: string | undefined;
  /** True where each place is a function that takes a type; else they have mediated devices. */
  readonly isFunctions: boolean;
  readonly places: readonly [InventoryPlace, ...InventoryPlace[]];
  readonly types: readonly InventoryType[];
  /** The active devices and those that are only defined, each at its place; at a function the active one alone. */
  readonly devices: readonly { readonly address: string; readonly type: InventoryType }[];
}

/** A parent. The numbers are hexadecimal, without `0x`. */
export interface InventoryPlace {
  /** `0000:42:00.4` */
  readonly address: string;
  readonly vendor: string;
  readonly device: string;
  /** `0302` */
  readonly class: string;
  readonly iommuGroup?: number | undefined;
}

export interface InventoryType {
  /** `nvidia-1155` */
  readonly id: string;
  /** `NVIDIA L40S-24Q`; its id where the driver gives no name. */
  readonly name: string;
  /** `L40S-24Q` */
  readonly shortName: string;
}

/** @param parents the node devices of all parents, by name */
export function inventoryOf(
  topology: Topology,
  parents: ReadonlyMap<string, NodeDevice>,
): Inventory {
  const cards: InventoryCard[] = [];
  const others: string[] = [];
  for (const card of topology.cards) {
    const [first, ...more] = card.parents.flatMap(({ name, address }) => {
      const pci = parents.get(name)?.capabilities.find(({ kind }) => kind === 'pci');
      return pci?.kind === 'pci' ? placeOf(address, pci) : [];
    });
    if (first === undefined) others.push(...card.parents.map(({ name }) => name));
    else cards.push(cardOf(card, [first, ...more]));
  }
  return { cards, others };
}

function placeOf(address: string, pci: PciCapability): readonly InventoryPlace[] {
  const [vendor, device] = [digits(pci.vendor?.id), digits(pci.product?.id)];
  const code = digits(pci.class)?.slice(0, 4);
  if (!isAddress(address) || vendor === undefined || device === undefined || code === undefined) {
    return [];
  }
  return [{ address, vendor, device, class: code, iommuGroup: pci.iommuGroup?.number }];
}

const digits = (number: string | undefined): string | undefined =>
  /^0x([0-9a-f]{4,6})$/u.exec(number ?? '')?.[1];

const isAddress = (name: string): boolean =>
  /^[0-9a-f]{4,8}(?::[0-9a-f]{2}){2}\.[0-7]$/u.test(name);

/** A driver's text, without what could end a comment or a quoted word in the files it goes to. */
const plain = (text: string): string => text.replaceAll(/[^ !#-[\]-~]/gu, '?');

function cardOf(card: TopologyCard, places: InventoryCard['places']): InventoryCard {
  const types = card.types.map(({ id, name = id }) => {
    return { id: plain(id), name: plain(name), shortName: plain(shortTypeName({ id, name })) };
  });
  const active = new Set(card.devices.flatMap((one) => (one.active ? one.parent : [])));
  const there = card.devices.filter(
    (one) => card.isFunctions !== true || one.active || !active.has(one.parent),
  );
  return {
    product: card.product && plain(card.product),
    isFunctions: card.isFunctions === true,
    places,
    types,
    devices: there.flatMap(({ parent: address, type: id }) =>
      types.flatMap((type) => (type.id === id && isAddress(address) ? [{ address, type }] : [])),
    ),
  };
}

/** What stands above the lines of a card: `AD102GL [L40S], 0000:42:00.4 to 0000:42:04.3`. */
export function cardTitle({ product, places }: InventoryCard): string {
  const [first] = places;
  const last = places.at(-1) ?? first;
  const where = last === first ? first.address : `${first.address} to ${last.address}`;
  return product === undefined ? where : `${product}, ${where}`;
}

/** The parents that a manager has no form for, as a comment. */
export const othersComment = (inventory: Inventory, manager: string): readonly string[] =>
  inventory.others.map(
    (name) => `# ${name}: ${manager} has no form for what is not on the PCI bus`,
  );
