import type { Card } from '../drivers/driver.ts';
import type { CardInfo, CardParent } from '../engine/card-info.ts';
import type { Issue } from '../errors.ts';
import type { Topology } from './topology.ts';

/**
 * All that planning on many hosts needs of one host, read at one time. Plain data: it is kept and sent as JSON, and its `version`
 * grows when a property is removed or gets another meaning.
 */
export interface HostInventory {
  readonly version: 1;
  /** That of the topology. */
  readonly generation?: string | undefined;
  readonly topology: Omit<Topology, 'problems'> & { readonly problems: readonly Issue[] };
  /** The cards in the order of the topology, as far as placement asks about them. */
  readonly cards: readonly InventoryCard[];
}

/** A {@link CardInfo} in which each type is described once, since all parents of a card have the same types. */
export interface InventoryCard {
  readonly card: Card;
  readonly parents: readonly (Omit<CardParent, 'types'> & {
    /** The available instances of each type of `card`, in their order; null where this parent does not offer it. */
    readonly available: readonly (number | null)[];
  })[];
}

export function packCard({ card, parents }: CardInfo): InventoryCard {
  const offered = new Map(parents.flatMap(({ types }) => types.map((type) => [type.id, type])));
  const order = [...offered.keys()];
  // In the order of the parents' types; what these have beyond the rules' needs is the same on all parents.
  const types = card.types
    .toSorted((one, other) => order.indexOf(one.id) - order.indexOf(other.id))
    .map((type) => ({ ...type, files: offered.get(type.id)?.files }));
  return {
    card: { ...card, types },
    parents: parents.map(({ types: shown, ...parent }) => {
      const counts = new Map(shown.map(({ id, availableInstances }) => [id, availableInstances]));
      return { ...parent, available: types.map(({ id }) => counts.get(id) ?? null) };
    }),
  };
}

/** The cards of an inventory in the form that predictions and placements take. */
export function unpackCard({ card, parents }: InventoryCard): CardInfo {
  return {
    card,
    parents: parents.map(({ available, ...parent }) => ({
      ...parent,
      types: card.types.flatMap((type, index) => {
        const availableInstances = available[index] ?? undefined;
        return availableInstances === undefined ? [] : [{ ...type, availableInstances }];
      }),
    })),
  };
}
