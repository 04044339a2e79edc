import type { CardInfo } from '../engine/types.ts';
import { Board } from '../plan/board.ts';
import type { CardKind, CardState } from '../plan/card-kind.ts';
import { searchExactly } from '../plan/exact.ts';
import { type Assignment, hardestFirst, placeGreedily } from '../plan/greedy.ts';
import { typeText } from '../engine/devices/types-of-parent.ts';
import type { PlacementRequest, Policy } from '../plan/placement.ts';
import { siteCost } from '../plan/policy.ts';
import { type Site, sitesOf } from '../plan/sites.ts';
import { leastShare, type Unit, unitsOf } from '../plan/units.ts';

/** The cards of a host that was reached. */
export interface HostCards {
  readonly host: string;
  readonly cards: readonly CardInfo[];
}

/** Devices that go to one host together. */
export interface HostRequest {
  readonly requests: readonly PlacementRequest[];
  /** The hosts that may take them. */
  readonly hosts: ReadonlySet<string>;
}

/** With at most so many devices in one request, a host that seems full is searched exactly. */
const EXACT_DEVICES = 24;
/** Shares are fractions: sums of them are compared with this tolerance. */
const EPSILON = 1e-9;

/**
 * Chooses a host for each request, by the room that the drivers' rules leave on its cards; the devices of one request go to one host.
 * `pack` uses as few empty cards as it can, then as few empty hosts; `spread` takes the host with the fewest devices. Of requests that
 * stand in each other's way the largest is placed first. Hosts whose cards are in the same states are looked at once.
 *
 * @returns the host of each request; undefined where none has room
 * @throws NodedevError `criterion-invalid`, `request-invalid`
 */
export function placeOnHosts(
  hosts: readonly HostCards[],
  requests: readonly HostRequest[],
  policy: Policy = 'pack',
): readonly (string | undefined)[] {
  const sites = sitesOf(hosts.flatMap(({ cards }) => cards));
  const kinds = new Set(sites.map(({ kind }) => kind));
  let at = 0;
  const boards = new HostBoards(
    hosts.map(({ host, cards }) => {
      const own = sites.slice(at, at + cards.length);
      at += cards.length;
      return new HostBoard(host, own);
    }),
    policy,
  );
  const wanted = requests.map((request, index) => wish(request, index, kinds));
  const chosen: (string | undefined)[] = requests.map(() => undefined);
  for (const each of wanted.toSorted((one, other) => other.share - one.share)) {
    chosen[each.index] = boards.place(each);
  }
  return chosen;
}

/** A request in the form of the search. */
interface Wish {
  readonly index: number;
  /** What it is for a host: equal ones are answered alike. */
  readonly key: string;
  readonly units: readonly Unit[];
  readonly devices: number;
  /** All devices are alike and may have one type only: then no other order would find them more room. */
  readonly isUniform: boolean;
  /** The part of cards that it takes at least. */
  readonly share: number;
  readonly hosts: ReadonlySet<string>;
}

function wish({ requests, hosts }: HostRequest, index: number, kinds: ReadonlySet<CardKind>): Wish {
  const units = hardestFirst(unitsOf(requests, kinds));
  const items = units.flatMap((unit) => unit.items);
  return {
    index,
    key: JSON.stringify(
      requests.map(({ type, count, group, affinity, node }) => [
        typeText(type),
        count,
        group,
        affinity,
        node,
      ]),
    ),
    units,
    devices: items.length,
    isUniform:
      new Set(items.map((item) => item.request)).size < 2 &&
      units.every(({ affinity }) => affinity === undefined) &&
      items.every(({ types }) => new Set([...types.values()].flat()).size < 2),
    share: items.reduce((sum, item) => sum + leastShare(item), 0),
    hosts,
  };
}

/** What a request costs on a host: compared one after the other, the least is the best. */
type Rating = readonly number[];

/** A host's cards during a placement. */
class HostBoard {
  readonly host: string;
  readonly #board: Board;
  readonly #sites: readonly Site[];

  constructor(host: string, sites: readonly Site[]) {
    this.host = host;
    this.#sites = sites;
    this.#board = new Board(sites);
  }

  /** The states of its cards: hosts with equal keys take the same devices. */
  key(ids: Map<CardState, number>): string {
    return this.#sites
      .map(({ state }) => {
        const id = ids.get(state) ?? ids.size;
        ids.set(state, id);
        return id;
      })
      .toSorted((one, other) => one - other)
      .join(' ');
  }

  /** Puts the devices on its cards. False: they have no room, and nothing was put. */
  take(wanted: Wish, policy: Policy): boolean {
    return this.#find(wanted, policy) !== undefined;
  }

  /** What it would cost; undefined: there is no room. The board stays as it is. */
  rate(wanted: Wish, policy: Policy): Rating | undefined {
    const before = this.#devices();
    const cost = this.#cost(policy);
    const load = this.#load();
    if (wanted.share > this.#sites.length - load + EPSILON) return undefined;
    const found = this.#find(wanted, policy);
    if (found === undefined) return undefined;
    const added = this.#cost(policy) - cost;
    const more = this.#load() - load - wanted.share;
    this.#clear(found);
    return policy === 'pack' ? [added, Number(before === 0), more, -load] : [before, added, more];
  }

  #find({ units, devices, isUniform }: Wish, policy: Policy): Assignment | undefined {
    const found = placeGreedily(policy, this.#board, units);
    if (found.size === units.length) return found;
    this.#clear(found);
    if (isUniform || devices > EXACT_DEVICES) return undefined;
    const { best } = searchExactly(policy, this.#board, units);
    for (const candidate of [...(best?.values() ?? [])].flat()) this.#board.put(candidate);
    return best;
  }

  #clear(found: Assignment): void {
    for (const candidate of [...found.values()].flat().toReversed()) this.#board.take(candidate);
  }

  #devices(): number {
    return this.#sites.reduce((sum, { state }) => sum + state.devices, 0);
  }

  #load(): number {
    return this.#sites.reduce((sum, { state }) => sum + state.load, 0);
  }

  #cost(policy: Policy): number {
    return this.#sites.reduce(
      (sum, { initial, state }) => sum + siteCost(policy, initial, state),
      0,
    );
  }
}

/** The hosts by the states of their cards. */
class HostBoards {
  readonly #policy: Policy;
  readonly #ids = new Map<CardState, number>();
  readonly #alike = new Map<string, Set<HostBoard>>();
  readonly #ratings = new Map<string, Rating | undefined>();

  constructor(boards: readonly HostBoard[], policy: Policy) {
    this.#policy = policy;
    for (const board of boards) this.#add(board);
  }

  place(wanted: Wish): string | undefined {
    let best: { readonly board: HostBoard; readonly rating: Rating } | undefined;
    for (const [key, alike] of this.#alike) {
      const board = firstOf(alike, wanted.hosts);
      if (board === undefined) continue;
      const rating = this.#rating(key, board, wanted);
      if (rating !== undefined && (best === undefined || isLess(rating, best.rating))) {
        best = { board, rating };
      }
    }
    if (best === undefined) return undefined;
    const { board } = best;
    this.#remove(board);
    board.take(wanted, this.#policy);
    this.#add(board);
    return board.host;
  }

  #rating(key: string, board: HostBoard, wanted: Wish): Rating | undefined {
    const of = `${wanted.key} ${key}`;
    if (!this.#ratings.has(of)) this.#ratings.set(of, board.rate(wanted, this.#policy));
    return this.#ratings.get(of);
  }

  #add(board: HostBoard): void {
    const key = board.key(this.#ids);
    const alike = this.#alike.get(key);
    if (alike === undefined) this.#alike.set(key, new Set([board]));
    else alike.add(board);
  }

  #remove(board: HostBoard): void {
    const key = board.key(this.#ids);
    const alike = this.#alike.get(key);
    alike?.delete(board);
    if (alike?.size === 0) this.#alike.delete(key);
  }
}

function firstOf(
  boards: ReadonlySet<HostBoard>,
  hosts: ReadonlySet<string>,
): HostBoard | undefined {
  for (const board of boards) if (hosts.has(board.host)) return board;
  return undefined;
}

function isLess(one: Rating, other: Rating): boolean {
  for (const [index, value] of one.entries()) {
    const difference = value - (other[index] ?? 0);
    if (Math.abs(difference) > EPSILON) return difference < 0;
  }
  return false;
}
