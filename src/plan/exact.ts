import type { Board, Candidate } from './board.ts';
import { candidatesOf } from './candidates.ts';
import type { CardState } from './card-kind.ts';
import { type Assignment, byCost } from './greedy.ts';
import type { Policy } from './placement.ts';
import { costOf, siteCost } from './policy.ts';
import { leastShare, type Unit } from './units.ts';

/** The result of a search. */
export interface SearchResult {
  /** The best assignment, or undefined when there is none. When `complete` is false, the best one found so far. */
  readonly best: Assignment | undefined;
  readonly complete: boolean;
}

/** The number of nodes that a search may visit. It takes about a second. */
const NODES = 60_000;
const EPSILON = 1e-9;

/**
 * Branch and bound over all placements of all units. A state of the host that was already reached at the same cost or
 * less is not searched again. On return the board is as it was.
 */
export function searchExactly(policy: Policy, board: Board, units: readonly Unit[]): SearchResult {
  return new Search(policy, board, units).run();
}

interface Cost {
  readonly main: number;
  readonly share: number;
}

class Search {
  readonly #policy: Policy;
  readonly #board: Board;
  readonly #units: readonly Unit[];
  /** For each unit: the least share that it and the following units take, and their number of devices. */
  readonly #ahead: readonly { readonly share: number; readonly devices: number }[];
  readonly #ids = new Map<CardState, number>();
  readonly #reached = new Map<string, Cost>();
  readonly #path: (readonly Candidate[])[] = [];
  #best: (Cost & { readonly path: readonly (readonly Candidate[])[] }) | undefined;
  #nodes = 0;

  constructor(policy: Policy, board: Board, units: readonly Unit[]) {
    this.#policy = policy;
    this.#board = board;
    this.#units = units;
    this.#ahead = units.map((_, index) => {
      const items = units.slice(index).flatMap((unit) => unit.items);
      const share = items.reduce((sum, item) => sum + leastShare(item), 0);
      return { share, devices: items.length };
    });
  }

  run(): SearchResult {
    this.#unit(0, { main: costOf(this.#policy, this.#board.sites), share: 0 });
    const path = this.#best?.path;
    return {
      best:
        path === undefined
          ? undefined
          : new Map(this.#units.map((unit, index) => [unit, path[index] ?? []])),
      complete: this.#nodes <= NODES,
    };
  }

  #unit(index: number, cost: Cost): void {
    const unit = this.#units[index];
    if (this.#isHopeless(cost, this.#ahead[index])) return;
    if (unit === undefined) {
      this.#best = { ...cost, path: [...this.#path] };
      return;
    }
    const key = `${index} ${this.#key()}`;
    const before = this.#reached.get(key);
    if (before !== undefined && !isLess(cost, before)) return;
    this.#reached.set(key, cost);
    const chosen: Candidate[] = [];
    this.#path.push(chosen);
    this.#item(index, unit, chosen, cost);
    this.#path.pop();
  }

  #item(index: number, unit: Unit, chosen: Candidate[], cost: Cost): void {
    const item = unit.items[chosen.length];
    if (item === undefined) {
      // A copy, because `chosen` changes when the search goes on.
      this.#path[index] = [...chosen];
      this.#unit(index + 1, cost);
      return;
    }
    const candidates = candidatesOf(this.#board, item, unit.affinity, chosen);
    for (const candidate of byCost(this.#policy, candidates)) {
      if (++this.#nodes > NODES) return;
      const { site, move } = candidate;
      const added =
        siteCost(this.#policy, site.initial, move.next) -
        siteCost(this.#policy, site.initial, site.state);
      const share = cost.share + site.kind.share(move.type);
      this.#board.put(candidate);
      chosen.push(candidate);
      this.#item(index, unit, chosen, { main: cost.main + added, share });
      chosen.pop();
      this.#board.take(candidate);
    }
  }

  #isHopeless(cost: Cost, ahead = { share: 0, devices: 0 }): boolean {
    if (this.#best === undefined) return false;
    // Each further device adds at least 1 to the sum of squares.
    const more = this.#policy === 'spread' ? ahead.devices : 0;
    return !isLess({ main: cost.main + more, share: cost.share + ahead.share }, this.#best);
  }

  /** The states of all cards, sorted, since it does not matter which card is in which state. */
  #key(): string {
    return this.#board.sites
      .map(({ state }) => {
        const id = this.#ids.get(state) ?? this.#ids.size;
        this.#ids.set(state, id);
        return id;
      })
      .toSorted((a, b) => a - b)
      .join(' ');
  }
}

function isLess(left: Cost, right: Cost): boolean {
  return left.main < right.main || (left.main === right.main && left.share < right.share - EPSILON);
}
