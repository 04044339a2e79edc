import type { CardState, Move } from './card-kind.ts';
import type { Site } from './sites.ts';

/** One possible placement of one device. */
export interface Candidate {
  readonly site: Site;
  /** Index of the site's parent. */
  readonly parent: number;
  readonly move: Move;
}

/** The cards of a host during a placement, by their state: of cards in the same state, one is tried for all. */
export class Board {
  readonly sites: readonly Site[];
  readonly #byState = new Map<CardState, Set<Site>>();

  constructor(sites: readonly Site[]) {
    this.sites = sites;
    for (const site of sites) this.#add(site);
  }

  /** Every state that some card is in, with the cards in it. No set is empty. */
  get states(): Iterable<readonly [CardState, ReadonlySet<Site>]> {
    return this.#byState;
  }

  put({ site, parent, move }: Candidate): void {
    this.#remove(site);
    site.put(parent, move);
    this.#add(site);
  }

  take({ site, parent, move }: Candidate): void {
    this.#remove(site);
    site.take(parent, move.type);
    this.#add(site);
  }

  #add(site: Site): void {
    const alike = this.#byState.get(site.state);
    if (alike === undefined) this.#byState.set(site.state, new Set([site]));
    else alike.add(site);
  }

  #remove(site: Site): void {
    const alike = this.#byState.get(site.state);
    alike?.delete(site);
    if (alike?.size === 0) this.#byState.delete(site.state);
  }
}
