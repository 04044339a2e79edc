import type { NodeDevice, PciCapability } from '../nodedev/device.ts';
import { shortTypeName, type TypeFacts, typeSpellings } from '../drivers/type-facts.ts';
import { formatPciAddress } from '../host/sysfs/pci-address.ts';
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
  /** The PCI address of the physical card, where the places are its virtual functions. */
  readonly physicalFunction?: string | undefined;
  /** The active devices and those that are only defined, each at its place; at a function the active one alone. */
  readonly devices: readonly InventoryDevice[];
}

export interface InventoryDevice {
  readonly address: string;
  readonly type: InventoryType;
  readonly uuid: string;
  readonly active: boolean;
  /** The name of the domain that has it. */
  readonly owner?: string | undefined;
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
  /** How many more of them the card takes, when none of another type is added. */
  readonly free: number;
  /** How many an empty card takes, where its rules are known. */
  readonly maximum?: number | undefined;
  /** Bytes. */
  readonly framebuffer?: number | undefined;
}

/**
 * @param parents the node devices of all parents, by name
 * @param facts those of the types, by their ids; without, what is made of the inventory knows no memory
 */
export function inventoryOf(
  topology: Topology,
  parents: ReadonlyMap<string, NodeDevice>,
  facts: ReadonlyMap<string, TypeFacts> = new Map(),
): Inventory {
  const cards: InventoryCard[] = [];
  const others: string[] = [];
  for (const card of topology.cards) {
    const [first, ...more] = card.parents.flatMap(({ name, address }) => {
      const pci = parents.get(name)?.capabilities.find(({ kind }) => kind === 'pci');
      return pci?.kind === 'pci' ? placeOf(address, pci) : [];
    });
    if (first === undefined) others.push(...card.parents.map(({ name }) => name));
    else cards.push(cardOf(card, [first, ...more], parents, facts));
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

function cardOf(
  card: TopologyCard,
  places: InventoryCard['places'],
  parents: ReadonlyMap<string, NodeDevice>,
  facts: ReadonlyMap<string, TypeFacts>,
): InventoryCard {
  const types = card.types.map(({ id, name = id, free, maximum }): InventoryType => {
    const shortName = plain(shortTypeName({ id, name }));
    const framebuffer = facts.get(id)?.framebuffer;
    return { id: plain(id), name: plain(name), shortName, free, maximum, framebuffer };
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
    physicalFunction: physicalFunctionOf(card, parents),
    devices: there.flatMap(({ parent: address, type: id, uuid, active: isActive, owner }) =>
      types.flatMap((type) =>
        type.id === id && isAddress(address)
          ? [{ address, type, uuid, active: isActive, owner: owner?.name }]
          : [],
      ),
    ),
  };
}

function physicalFunctionOf(
  { parents: [first] }: TopologyCard,
  parents: ReadonlyMap<string, NodeDevice>,
): string | undefined {
  const pci = parents.get(first?.name ?? '')?.capabilities.find(({ kind }) => kind === 'pci');
  const parts = pci?.kind === 'pci' ? pci.capabilities : [];
  const physical = parts.find(({ kind }) => kind === 'phys_function');
  return physical?.kind === 'phys_function' ? formatPciAddress(physical.address) : undefined;
}

/** The address that stands for the whole card: of the physical function, or of its one parent. */
export const cardAddress = ({ physicalFunction, places: [first] }: InventoryCard): string =>
  physicalFunction ?? first.address;

/** The id of the type with this id or name, in any spelling. Undefined: no card offers one, or one spelling means several. */
export function typeNamed({ cards }: Inventory, written: string): string | undefined {
  const types = cards.flatMap((card) => card.types);
  const spelled = types.filter((type) => typeSpellings(type).includes(written));
  const [id, ...others] = new Set(spelled.map((type) => type.id));
  return others.length > 0 ? undefined : id;
}

/** A text for a program, and what it could not be told of the host. */
export interface Exported {
  readonly text: string;
  readonly notes: readonly string[];
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
