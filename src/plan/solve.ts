import type { CardInfo } from '../engine/types.ts';
import { Board } from './board.ts';
import { lowerBound } from './bounds.ts';
import { searchExactly } from './exact.ts';
import { type Assignment, hardestFirst, placeGreedily } from './greedy.ts';
import type { PlacementRequest, Policy } from './placement.ts';
import { costOf } from './policy.ts';
import { rebalance } from './rebalance.ts';
import { type Site, sitesOf } from './sites.ts';
import { type Unit, unitsOf } from './units.ts';

/** Up to so many devices every placement is considered. */
const EXACT_DEVICES = 24;

/** What a placement came to. */
export interface Solution {
  readonly sites: readonly Site[];
  /** Hardest first. */
  readonly units: readonly Unit[];
  /** Units without a place are not in it. */
  readonly assignment: Assignment;
  readonly cost: number;
  readonly bound: number;
  /** More empty cards are needed than there are. */
  readonly missingCards: number;
  /** Nothing better exists; or when some unit is left out, that no placement of all exists. */
  readonly proven: boolean;
}

/** Finds a place for every device, the best there is where they are few. Throws what {@link unitsOf} throws. */
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
  if (isWhole && cost === bound && isPlain(units)) {
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
  // A complete search is the proof itself.
  return complete && best !== undefined
    ? { ...known, assignment, cost: total, bound: total, proven: true }
    : { ...known, assignment, cost: total, proven: complete };
}

/** Whether any type that has a place takes the same part of its card: then no placement wastes less. */
function isPlain(units: readonly Unit[]): boolean {
  return units.every(({ items }) =>
    items.every(({ types }) => [...types.values()].flat().length <= 1),
  );
}

function greedily(policy: Policy, board: Board, units: readonly Unit[]): Assignment {
  const found = placeGreedily(policy, board, units);
  if (policy === 'pack') return found;
  // Spreading what is large leaves no empty card for the next: packing first, then evening out, does.
  if (found.size === units.length) return rebalance(board, found);
  clear(board, found);
  return rebalance(board, placeGreedily('pack', board, units));
}

function clear(board: Board, assignment: Assignment): void {
  for (const candidate of [...assignment.values()].flat().toReversed()) board.take(candidate);
}
