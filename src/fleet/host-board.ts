import { typeText } from '../engine/devices/types-of-parent.ts';
import { Board } from '../plan/board.ts';
import type { CardKind, CardState } from '../plan/card-kind.ts';
import { searchExactly } from '../plan/exact.ts';
import { type Assignment, hardestFirst, placeGreedily } from '../plan/greedy.ts';
import type { PlacedDevice, PlacementRequest, Policy } from '../plan/placement.ts';
import { siteCost } from '../plan/policy.ts';
import type { Site } from '../plan/sites.ts';
import { leastShare, type Unit, unitsOf } from '../plan/units.ts';

/** With at most so many devices in one request, a host that seems full is searched exactly. */
const EXACT_DEVICES = 24;
/** Shares are fractions: sums of them are compared with this tolerance. */
const EPSILON = 1e-9;

/** A request in the form of the search. */
export interface Wish {
  /** What it is for a host: equal ones are answered alike. */
  readonly key: string;
  readonly units: readonly Unit[];
  readonly devices: number;
  /** All devices are alike and may have one type only: then no other order would find them more room. */
  readonly isUniform: boolean;
  /** The part of cards that it takes at least. */
  readonly share: number;
}

/** @throws NodedevError `criterion-invalid`, `request-invalid` */
export function wishOf(requests: readonly PlacementRequest[], kinds: ReadonlySet<CardKind>): Wish {
  const units = hardestFirst(unitsOf(requests, kinds));
  const items = units.flatMap((unit) => unit.items);
  return {
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
  };
}

/** What a request costs on a host: compared one after the other, the least is the best. */
export type Rating = readonly number[];

/** What was put on a host's cards. */
interface Taken {
  /** In the order of the requests. */
  readonly devices: readonly Omit<PlacedDevice, 'group'>[];
  readonly giveBack: () => void;
}

/** A host's cards during a placement. */
export class HostBoard {
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

  /** Puts the devices on its cards, and says where. Undefined: they have no room, and nothing was put. */
  take(wanted: Wish, policy: Policy): Taken | undefined {
    const found = this.#find(wanted, policy);
    if (found === undefined) return undefined;
    const devices = [...found].flatMap(([{ items }, candidates]) =>
      candidates.map(({ site, parent, move }, index) => ({
        request: items[index]?.request ?? 0,
        parent: site.info.parents[parent]?.name ?? '',
        type: move.type,
      })),
    );
    return {
      devices: devices.toSorted((one, other) => one.request - other.request),
      giveBack: () => {
        this.#clear(found);
      },
    };
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

/** Whether one costs less than the other. */
export function isLess(one: Rating, other: Rating): boolean {
  for (const [index, value] of one.entries()) {
    const difference = value - (other[index] ?? 0);
    if (Math.abs(difference) > EPSILON) return difference < 0;
  }
  return false;
}
