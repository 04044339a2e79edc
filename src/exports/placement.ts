import { v5 } from 'uuid';
import {
  cardAddress,
  type Exported,
  type Inventory,
  type InventoryCard,
  type InventoryType,
} from './inventory.ts';
import { resourceClass } from './nova.ts';

export interface PlacementOptions {
  /** The name of the compute node. */
  readonly node: string;
  /** The uuid of its resource provider. */
  readonly provider: string;
  /** The id of the type that cards without devices are for. */
  readonly type?: string | undefined;
}

/**
 * The bodies of requests to OpenStack's Placement (api-ref/placement, microversion 1.20), one child of the compute node's
 * provider for each card. As for Nova (admin/virtual-gpu), a card has one type, that of its devices: Placement knows no room that types
 * share, so that an inventory for each would promise it more than once. A card without a single type has an empty inventory.
 *
 * `total` is what there is of the type and what the card takes beside; `reserved` is what domains have of it that Nova did not make.
 */
export function placementExport(inventory: Inventory, options: PlacementOptions): Exported {
  const chosen = inventory.cards.map((card) => ({ card, type: typeOf(card, options.type) }));
  const traits = [...new Set(chosen.flatMap(({ type }) => type?.shortName ?? []).map(traitOf))];
  const providers = chosen.map(({ card, type }) => providerOf(card, type, options));
  return {
    text: `${JSON.stringify({ microversion: '1.20', traits, providers }, undefined, 2)}\n`,
    notes: [
      ...chosen.flatMap(({ card, type }) => (type === undefined ? untyped(card) : [])),
      ...inventory.others.map((name) => `${name}: what is not on the PCI bus is left out`),
    ],
  };
}

/** The one type of a card's devices; of a card without any, the wanted one. */
function typeOf({ devices, types }: InventoryCard, wanted?: string): InventoryType | undefined {
  const ids = new Set(devices.map(({ type }) => type.id));
  const [id = wanted, ...others] = ids;
  return others.length > 0 ? undefined : types.find((type) => type.id === id);
}

const untyped = (card: InventoryCard): readonly string[] => [
  card.devices.length === 0
    ? `${cardAddress(card)}: no device says its type, so its inventory is empty: --type names one that it offers`
    : `${cardAddress(card)}: it has devices of several types, so its inventory is empty`,
];

function providerOf(
  card: InventoryCard,
  type: InventoryType | undefined,
  { node, provider }: PlacementOptions,
): unknown {
  const name = `${node}_pci_${cardAddress(card).replaceAll(/[:.]/gu, '_')}`;
  return {
    create: { name, uuid: v5(name, provider), parent_provider_uuid: provider },
    // A new provider has generation 0, and each of these requests adds one.
    inventories: {
      resource_provider_generation: 0,
      inventories: type === undefined ? {} : inventoryOfType(card, type),
    },
    traits: {
      resource_provider_generation: 1,
      traits: type === undefined ? [] : [traitOf(type.shortName)],
    },
  };
}

function inventoryOfType(card: InventoryCard, type: InventoryType): unknown {
  const total = card.devices.filter(({ active }) => active).length + type.free;
  if (total === 0) return {}; // an inventory of none is refused
  // A definition's domain starts it, so its room is not free either.
  const taken = card.devices.filter(({ owner }) => owner !== undefined && !NOVA.test(owner));
  return {
    VGPU: {
      total,
      reserved: Math.min(total, taken.length),
      min_unit: 1,
      max_unit: total,
      step_size: 1,
      allocation_ratio: 1,
    },
  };
}

/** Nova's names of domains (`instance_name_template`): what these have is in Placement's allocations. */
const NOVA = /^instance-[0-9a-f]{8}$/u;

/** A trait has the form of a class, and at most 255 letters. */
const traitOf = (name: string): string => resourceClass(name).slice(0, 255);
