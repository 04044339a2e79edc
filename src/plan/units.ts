import { once } from '../drivers/once.ts';
import type { CardKind } from './card-kind.ts';
import { affinitiesDiffer, requestMalformed } from './messages.ts';
import type { Affinity, PlacementRequest } from './placement.ts';

/** One device to be placed. */
export interface Item {
  /** Index of its request. */
  readonly request: number;
  /** Ids of the types it may have, by kind of card. */
  readonly types: ReadonlyMap<CardKind, readonly string[]>;
}

/** Devices that an affinity ties together. Without affinity each device is a unit of its own. */
export interface Unit {
  readonly items: readonly Item[];
  readonly affinity: Affinity | undefined;
}

/**
 * The units of these requests.
 *
 * @throws NodedevError `request-invalid` (a count, two affinities in one group), `criterion-invalid`
 */
export function unitsOf(
  requests: readonly PlacementRequest[],
  kinds: ReadonlySet<CardKind>,
): readonly Unit[] {
  const groups = new Map<string, { affinities: Set<Affinity>; items: Item[] }>();
  for (const [index, { type, count = 1, group, affinity, node }] of requests.entries()) {
    if (!Number.isInteger(count) || count < 0) throw requestMalformed(count);
    const isThere = ({ numaNode }: CardKind): boolean =>
      node === undefined || [node].flat().some((each) => each === numaNode);
    const types = new Map(
      [...kinds].map((kind) => [kind, isThere(kind) ? kind.matchingTypes(type) : []]),
    );
    const key = group === undefined ? `${index}` : `=${group}`;
    const unit = groups.get(key) ?? { affinities: new Set(), items: [] };
    groups.set(key, unit);
    if (affinity !== undefined) unit.affinities.add(affinity);
    const item = { request: index, types };
    for (let made = 0; made < count; made++) unit.items.push(item);
  }
  return [...groups.values()].flatMap(({ affinities, items }): readonly Unit[] => {
    const [affinity, ...others] = affinities;
    if (others.length > 0) throw affinitiesDiffer([...affinities]);
    if (affinity === undefined) return items.map((item) => ({ items: [item], affinity }));
    return items.length === 0 ? [] : [{ items, affinity }];
  });
}

/** The smallest part of a card that one of its types takes; 0 when no card offers any of them. */
export const leastShare = once(({ types }: Item): number => {
  const shares = [...types].flatMap(([kind, ids]) => ids.map((id) => kind.share(id)));
  return shares.length === 0 ? 0 : Math.min(...shares);
});
