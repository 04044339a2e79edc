import type { Board, Candidate } from './board.ts';
import { candidatesOf } from './candidates.ts';
import type { Policy } from './placement.ts';
import { siteCost } from './policy.ts';
import { leastShare, type Unit } from './units.ts';

/** After so many attempts to place a unit, it is given up. */
const TRIES = 2000;

/** The placement of each unit's items. A unit that could not be placed is not in it. */
export type Assignment = ReadonlyMap<Unit, readonly Candidate[]>;

/**
 * Places one unit after the other, each where it costs least. The devices stay on the board. The units must be sorted
 * by {@link hardestFirst}.
 */
export function placeGreedily(policy: Policy, board: Board, units: readonly Unit[]): Assignment {
  const placed = new Map<Unit, readonly Candidate[]>();
  for (const unit of units) {
    const chosen: Candidate[] = [];
    if (new UnitSearch(policy, board, unit, chosen).run(0)) placed.set(unit, chosen);
  }
  return placed;
}

/** Sorts units by the part of a card they take, largest first. Equal units stay in the order of their requests. */
export function hardestFirst(units: readonly Unit[]): readonly Unit[] {
  const size = new Map(units.map((unit) => [unit, sizeOf(unit)]));
  return units.toSorted((a, b) => (size.get(b) ?? 0) - (size.get(a) ?? 0));
}

function sizeOf({ items, affinity }: Unit): number {
  const shares = items.map(leastShare);
  if (affinity === undefined || affinity === 'different-parents') return Math.max(...shares);
  return shares.reduce((sum, share) => sum + share, 0);
}

/** Sorts candidates: least added cost first, then the smallest part of a card, then the fullest card. */
export function byCost(policy: Policy, candidates: readonly Candidate[]): readonly Candidate[] {
  if (candidates.length < 2) return candidates;
  const rated = candidates.map((candidate) => {
    const { site, move } = candidate;
    const added =
      siteCost(policy, site.initial, move.next) - siteCost(policy, site.initial, site.state);
    return { candidate, added, share: site.kind.share(move.type), load: site.state.load };
  });
  return rated
    .toSorted((a, b) => a.added - b.added || a.share - b.share || b.load - a.load)
    .map(({ candidate }) => candidate);
}

class UnitSearch {
  readonly #policy: Policy;
  readonly #board: Board;
  readonly #unit: Unit;
  readonly #chosen: Candidate[];
  #tries = 0;

  constructor(policy: Policy, board: Board, unit: Unit, chosen: Candidate[]) {
    this.#policy = policy;
    this.#board = board;
    this.#unit = unit;
    this.#chosen = chosen;
  }

  run(index: number): boolean {
    const item = this.#unit.items[index];
    if (item === undefined) return true;
    const candidates = candidatesOf(this.#board, item, this.#unit.affinity, this.#chosen);
    for (const candidate of byCost(this.#policy, candidates)) {
      if (++this.#tries > TRIES + this.#unit.items.length) return false;
      this.#board.put(candidate);
      this.#chosen.push(candidate);
      if (this.run(index + 1)) return true;
      this.#chosen.pop();
      this.#board.take(candidate);
    }
    return false;
  }
}
