import type { CardKind } from './card-kind.ts';
import type { Policy } from './placement.ts';
import type { Site } from './sites.ts';
import { type Item, leastShare, type Unit } from './units.ts';

/** Devices that cannot share a card with devices of another class, and the least they need. */
interface DeviceClass {
  readonly count: number;
  /** Empty cards they need, when the room on cards with devices is used up. */
  readonly cards: number;
  /** The most of them one card takes. */
  readonly limit: number;
}

/** Shares are fractions: sums of them are compared with this tolerance. */
const EPSILON = 1e-9;

/**
 * A lower bound: no placement costs less, and none needs fewer empty cards. It is computed from shares
 * ({@link Driver.share}) and from classes of types that cannot share a card, such as types of different sizes where
 * all must be of one.
 */
export function lowerBound(
  policy: Policy,
  sites: readonly Site[],
  units: readonly Unit[],
): { readonly cost: number; readonly emptyCards: number } {
  const classes = classesOf(sites, units);
  const emptyCards = classes.reduce((sum, { cards }) => sum + cards, 0);
  if (policy === 'pack') return { cost: emptyCards, emptyCards };
  const count = classes.reduce((sum, each) => sum + each.count, 0);
  const isEmpty = sites.every(({ initial }) => initial.devices === 0);
  const even = evenCost(
    sites.map(({ initial }) => initial.devices),
    count,
  );
  const byClass = isEmpty ? classCost(classes, sites.length) : 0;
  return { cost: Math.max(even, byClass), emptyCards };
}

function classesOf(sites: readonly Site[], units: readonly Unit[]): readonly DeviceClass[] {
  const items = units.flatMap((unit) => unit.items);
  const classOf = separate(items);
  const members = new Map<string, Item[]>();
  for (const item of items) {
    const id = classOf(item);
    const list = members.get(id) ?? [];
    list.push(item);
    members.set(id, list);
  }
  return [...members.values()].map((list) => {
    const shares = list.map(leastShare);
    const room = sites
      .filter(({ initial }) => initial.devices > 0)
      .reduce((sum, site) => sum + roomFor(site, list), 0);
    const demand = shares.reduce((sum, share) => sum + share, 0);
    return {
      count: list.length,
      cards: Math.max(0, Math.ceil(demand - room - EPSILON)),
      limit: Math.floor(1 / Math.min(...shares) + EPSILON),
    };
  });
}

function roomFor({ kind, initial }: Site, items: readonly Item[]): number {
  const types = new Set(items.flatMap((item) => item.types.get(kind) ?? []));
  const takesAny = [...types].some((type) => kind.moves(initial, type).length > 0);
  return takesAny ? Math.max(0, 1 - initial.load) : 0;
}

/** Returns a function from an item to its class. Types that can share a card, or that one item may have, are one class. */
function separate(items: readonly Item[]): (item: Item) => string {
  const joined = new Map<string, string>();
  const find = (id: string): string => {
    const above = joined.get(id) ?? id;
    return above === id ? id : find(above);
  };
  const join = (left: string, right: string): void => {
    joined.set(find(left), find(right));
  };
  const distinct = new Set(items.map(({ types }) => types));
  const wanted = new Map<CardKind, Set<string>>();
  for (const types of distinct) {
    const ids = [...types.values()].flat();
    for (const id of ids) join(id, ids[0] ?? id);
    for (const [kind, some] of types) {
      wanted.set(kind, new Set([...(wanted.get(kind) ?? []), ...some]));
    }
  }
  for (const [kind, ids] of wanted) {
    for (const left of ids) {
      for (const right of ids) if (canMeet(kind, left, right)) join(left, right);
    }
  }
  return ({ types }) => find([...types.values()].flat()[0] ?? '');
}

/** Whether an empty card takes one device of each. If it does not, no card does, since devices never add room. */
function canMeet(kind: CardKind, left: string, right: string): boolean {
  return kind.moves(kind.empty, left).some(({ next }) => kind.moves(next, right).length > 0);
}

/** The sum of squares of the loads when `count` devices are added as evenly as possible. */
function evenCost(loads: readonly number[], count: number): number {
  const sorted = loads.toSorted((a, b) => a - b);
  let left = count;
  let level = sorted[0] ?? 0;
  let width = 1;
  for (; width < sorted.length; width++) {
    const next = sorted[width] ?? level;
    if ((next - level) * width > left) break;
    left -= (next - level) * width;
    level = next;
  }
  const rest = sorted.slice(width).reduce((sum, load) => sum + load ** 2, 0);
  return rest + (sorted.length === 0 ? 0 : evenSquares(level * width + left, width));
}

/** {@link evenCost} for empty cards of which each takes one class only. A spare card goes to the class it helps most. */
function classCost(classes: readonly DeviceClass[], cards: number): number {
  const given = classes.map(({ count, cards: needed, limit }) =>
    Math.max(1, needed, Math.ceil(count / limit)),
  );
  const gain = (index: number): number => {
    const { count } = classes[index] ?? { count: 0 };
    const now = given[index] ?? 0;
    return evenSquares(count, now) - evenSquares(count, now + 1);
  };
  const used = given.reduce((sum, number) => sum + number, 0);
  for (let spare = cards - used; spare > 0; spare--) {
    const best = given.reduce((top, _, index) => (gain(index) > gain(top) ? index : top), 0);
    given[best] = (given[best] ?? 0) + 1;
  }
  return classes.reduce((sum, { count }, index) => sum + evenSquares(count, given[index] ?? 0), 0);
}

/** The smallest sum of squares of `parts` whole numbers whose sum is `count`. */
function evenSquares(count: number, parts: number): number {
  if (parts === 0) return 0;
  const each = Math.floor(count / parts);
  const more = count % parts;
  return more * (each + 1) ** 2 + (parts - more) * each ** 2;
}
