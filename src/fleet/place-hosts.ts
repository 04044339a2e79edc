import type { CardInfo } from '../engine/card-info.ts';
import { NodedevError } from '../errors.ts';
import type { CardKind, CardState } from '../plan/card-kind.ts';
import { place } from '../plan/place.ts';
import type { PlacedDevice, PlacementRequest, Policy } from '../plan/placement.ts';
import { sitesOf } from '../plan/sites.ts';
import { HostBoard, isLess, type Rating, type Wish, wishOf } from './host-board.ts';
import { takenByOthers } from './messages.ts';

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

/** A host that has room, and where on it. */
export interface HostPlace {
  readonly host: string;
  /** In the order of the requests. */
  readonly devices: readonly Omit<PlacedDevice, 'group'>[];
  /** Makes the room free again. Nothing may have been taken meanwhile. */
  readonly giveBack: () => void;
}

interface KnownHost {
  readonly board: HostBoard;
  readonly cards: readonly CardInfo[];
  /** The states of its cards as they were given. */
  readonly first: string;
}

/**
 * The room of many hosts. It is taken by the drivers' rules; the devices of one request go to one host. `pack` uses as few empty cards as it
 * can, then as few empty hosts; `spread` takes the host with the fewest devices. Hosts whose cards are in the same states are looked at once.
 */
export class FleetRoom {
  readonly #hosts = new Map<string, KnownHost>();
  readonly #kindsByKey = new Map<string, CardKind>();
  readonly #kinds = new Set<CardKind>();
  readonly #ids = new Map<CardState, number>();
  readonly #alike = new Map<string, Set<HostBoard>>();
  readonly #ratings = new Map<string, Rating | undefined>();

  constructor(hosts: readonly HostCards[]) {
    for (const each of hosts) this.set(each);
  }

  /** Adds a host, or forgets what was taken on it. */
  set({ host, cards }: HostCards): void {
    const before = this.#hosts.get(host);
    if (before !== undefined) this.#remove(before.board);
    const sites = sitesOf(cards, this.#kindsByKey);
    for (const { kind } of sites) this.#kinds.add(kind);
    const board = new HostBoard(host, sites);
    this.#hosts.set(host, { board, cards, first: board.key(this.#ids) });
    this.#add(board);
  }

  /** @throws NodedevError `criterion-invalid`, `request-invalid`, as {@link take} */
  largestFirst<T extends Pick<HostRequest, 'requests'>>(all: readonly T[]): readonly T[] {
    const shares = new Map(all.map((each) => [each, wishOf(each.requests, this.#kinds).share]));
    return all.toSorted((one, other) => (shares.get(other) ?? 0) - (shares.get(one) ?? 0));
  }

  /** Takes room for each request; of those that stand in each other's way the largest is first. What has no room is not in the result. */
  takeAll<T extends HostRequest>(
    requests: readonly T[],
    policy?: Policy,
  ): ReadonlyMap<T, HostPlace> {
    return new Map(
      this.largestFirst(requests).flatMap((each) => {
        const found = this.take(each, policy);
        return found === undefined ? [] : [[each, found] as const];
      }),
    );
  }

  /** Takes room for a request on the best of its hosts. Undefined: none has room. */
  take({ requests, hosts }: HostRequest, policy: Policy = 'pack'): HostPlace | undefined {
    const wanted = wishOf(requests, this.#kinds);
    let best: { readonly board: HostBoard; readonly rating: Rating } | undefined;
    for (const [key, alike] of this.#alike) {
      const board = firstOf(alike, hosts);
      if (board === undefined) continue;
      const rating = this.#rating(key, board, wanted, policy);
      if (rating !== undefined && (best === undefined || isLess(rating, best.rating))) {
        best = { board, rating };
      }
    }
    if (best === undefined) return undefined;
    const { board } = best;
    const taken = this.#changing(board, () => board.take(wanted, policy));
    return (
      taken && {
        host: board.host,
        devices: taken.devices,
        giveBack: () => {
          this.#changing(board, taken.giveBack);
        },
      }
    );
  }

  /** Why a request has no room, with the hosts of each reason. */
  reasons({
    requests,
    hosts,
  }: HostRequest): readonly (readonly [reason: string, hosts: readonly string[]])[] {
    const byState = new Map<string, string>();
    const reasons = new Map<string, string[]>();
    for (const name of hosts) {
      const { first = '', cards = [] } = this.#hosts.get(name) ?? {};
      const reason = byState.get(first) ?? reasonOf(cards, requests);
      byState.set(first, reason);
      const known = reasons.get(reason);
      if (known === undefined) reasons.set(reason, [name]);
      else known.push(name);
    }
    return [...reasons];
  }

  #rating(key: string, board: HostBoard, wanted: Wish, policy: Policy): Rating | undefined {
    const of = `${policy} ${wanted.key} ${key}`;
    if (!this.#ratings.has(of)) this.#ratings.set(of, board.rate(wanted, policy));
    return this.#ratings.get(of);
  }

  #changing<T>(board: HostBoard, change: () => T): T {
    this.#remove(board);
    const result = change();
    this.#add(board);
    return result;
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

function reasonOf(cards: readonly CardInfo[], requests: readonly PlacementRequest[]): string {
  try {
    const found = place(cards, requests);
    return found.fits ? takenByOthers : found.reason;
  } catch (error) {
    // A host without a type may stand beside others that offer it.
    if (error instanceof NodedevError) return error.message;
    throw error;
  }
}
