import type { CardInfo } from '../engine/card-info.ts';
import { Board } from './board.ts';
import { lowerBound } from './bounds.ts';
import { searchExactly } from './exact.ts';
import { type Assignment, hardestFirst, placeGreedily } from './greedy.ts';
import type { PlacementRequest, Policy } from './placement.ts';
import { costOf } from './policy.ts';
import { rebalance } from './rebalance.ts';
import { type Site, sitesOf } from './sites.ts';
import { type Unit, unitsOf } from './units.ts';

/** With at most so many devices, the exact search is used. */
const EXACT_DEVICES = 24;

/** The result of placing all units. */
export interface Solution {
  readonly sites: readonly Site[];
  /** Sorted, hardest first. */
  readonly units: readonly Unit[];
  readonly assignment: Assignment;
  readonly cost: number;
  readonly bound: number;
  /** How many more empty cards would be needed at least. */
  readonly missingCards: number;
  /** Whether it is proven that nothing better exists; when a unit is left out, that no placement of all units exists. */
  readonly proven: boolean;
}

/** Places all units; the result is the best possible when there are few. Throws as {@link unitsOf} does. */
export function solve(
  cards: readonly CardInfo[],
  requests: readonly PlacementRequest[],
  policy: Policy,
): Solution {
  const sites = sitesOf(cards);
  const board = new Board(sites);
  const kinds = new Set(sites.map(({ kind }) => kind));
  const units = hardestFirst(unitsOf(requests, kinds));
  const { cost: bound, emptyCards } = lowerBound(policy, sites, units);
  const empty = sites.filter(({ initial }) => initial.devices === 0).length;
  const missingCards = Math.max(0, emptyCards - empty);
  const found = greedily(policy, board, units);
  const isWhole = found.size === units.length;
  const cost = costOf(policy, sites);
  const known = { sites, units, bound, missingCards };
  if (isWhole && cost === bound && hasOneTypeEach(units)) {
    return { ...known, assignment: found, cost, proven: true };
  }
  const devices = units.reduce((sum, { items }) => sum + items.length, 0);
  if (devices > EXACT_DEVICES || (!isWhole && missingCards > 0)) {
    const proven = isWhole ? cost === bound : missingCards > 0;
    return { ...known, assignment: found, cost, proven };
  }
  clear(board, found);
  const { best, complete } = searchExactly(policy, board, units);
  const assignment = best ?? found;
  for (const candidate of [...assignment.values()].flat()) board.put(candidate);
  const total = costOf(policy, sites);
  // A complete search proves that its result is the best.
  return complete && best !== undefined
    ? { ...known, assignment, cost: total, bound: total, proven: true }
    : { ...known, assignment, cost: total, proven: complete };
}

/** Whether a placement of all devices is found. */
export function isPlaceable(
  cards: readonly CardInfo[],
  requests: readonly PlacementRequest[],
  policy: Policy = 'pack',
): boolean {
  const { units, assignment } = solve(cards, requests, policy);
  return assignment.size === units.length;
}

/** Whether each device can have one type only: then no other choice of types could take less room. */
function hasOneTypeEach(units: readonly Unit[]): boolean {
  return units.every(({ items }) =>
    items.every(({ types }) => [...types.values()].flat().length <= 1),
  );
}

function greedily(policy: Policy, board: Board, units: readonly Unit[]): Assignment {
  const found = placeGreedily(policy, board, units);
  if (policy === 'pack') return found;
  // Spreading large devices first can leave no empty card for the next ones. So pack first, then rebalance.
  if (found.size === units.length) return rebalance(board, found);
  clear(board, found);
  return rebalance(board, placeGreedily('pack', board, units));
}

function clear(board: Board, assignment: Assignment): void {
  for (const candidate of [...assignment.values()].flat().toReversed()) board.take(candidate);
}
