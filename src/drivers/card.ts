import { groupBy } from '../group-by.ts';
import type { Card, CardDevice, CardType, Explanation } from './driver.ts';
import { once } from './once.ts';

/** How many times `each` fits into the rest of `total`; never negative. */
export function shares(total: number, used: number, each: number): number {
  return each > 0 ? Math.max(0, Math.floor((total - used) / each)) : 0;
}

/** The part of `total` that `each` takes: more than 0, and at most 1. Something too large takes the whole card. */
export function partOf(total: number, each: number): number {
  return total > 0 && each > 0 ? Math.min(1, each / total) : 1;
}

/** The sum of the amounts that the card's devices use. A device of an unknown type uses nothing. */
export function usedBy(card: Card, amount: (type: CardType) => number): number {
  const counts = countsByType(card.devices);
  const perType = new Map(card.types.map((type) => [type.id, amount(type)]));
  return [...counts].reduce((sum, [type, count]) => sum + count * (perType.get(type) ?? 0), 0);
}

/**
 * How many devices of each type there are. Counted once for a list of devices: a prediction asks the same of it for
 * every type, parent and setting, and nobody changes a card's list.
 */
export const countsByType = once(
  (devices: readonly CardDevice[]): ReadonlyMap<string, number> =>
    new Map([...groupBy(devices, ({ type }) => type)].map(([type, same]) => [type, same.length])),
);

/** The devices of each parent. As {@link countsByType}. */
export const devicesByParent = once((devices: readonly CardDevice[]) =>
  groupBy(devices, ({ parent }) => parent),
);

/** An explanation. It is exact by default, and has no blockers when all instances are free. */
export function explanation(found: {
  readonly available: number;
  readonly maximum: number;
  readonly confidence?: Explanation['confidence'];
  readonly rule: string;
  readonly blockers: readonly CardDevice[];
}): Explanation {
  const { available, maximum, confidence = 'exact', rule, blockers } = found;
  const blockedBy = available < maximum ? blockers.map(({ uuid }) => uuid).toSorted() : [];
  return { available, maximum, confidence, rule, blockedBy };
}
