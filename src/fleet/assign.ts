import type { NodedevError } from '../errors.ts';
import type { HostInventory } from '../plan/inventory.ts';
import { unpackCard } from '../plan/inventory.ts';
import type { Policy } from '../plan/placement.ts';
import type { DesiredUnit } from './desired-units.ts';
import { type FleetHost, isChosen } from './fleet.ts';
import * as say from './messages.ts';
import { FleetRoom } from './place-hosts.ts';

/** A host as it was when it was reached. */
export interface SeenHost {
  readonly host: FleetHost;
  readonly inventory: HostInventory;
  /** When it answered, as ISO 8601. */
  readonly reachedAt: string;
}

/** What is known of a fleet at one time. */
export interface SeenFleet {
  readonly seen: readonly SeenHost[];
  /** Hosts that were not reached: nothing of them is free, and anything may be on them. */
  readonly unknown: readonly FleetHost[];
}

export interface AssignOptions {
  readonly policy?: Policy | undefined;
  /** The NUMA node that all placed devices must be on. */
  readonly node?: number | undefined;
  /** Hosts that units are not to be placed on any more, since these refused them. */
  readonly refusing?: ReadonlyMap<DesiredUnit, ReadonlySet<string>> | undefined;
  /** Units that have their host already. */
  readonly settled?: ReadonlyMap<DesiredUnit, FleetHost> | undefined;
  /**
   * Where devices were sent before, by their uuids. With it, a device that is not in it is new, so that hosts that were not reached
   * are not in its way.
   */
  readonly record?: ReadonlyMap<string, string> | undefined;
}

/** A unit with its host. */
export interface Assigned {
  readonly unit: DesiredUnit;
  readonly host: FleetHost;
  /** Its host was chosen now, and none of its devices is there yet. */
  readonly isPlaced: boolean;
}

export interface Assignment {
  readonly assigned: readonly Assigned[];
  readonly refusals: readonly { readonly unit: DesiredUnit; readonly error: NodedevError }[];
}

/**
 * Chooses the host of each unit: the one it is on, else the one that its documents name, else one that has room by the drivers' rules. A unit
 * that may be on a host that was not reached is not placed anywhere: it would be there twice.
 */
export function assignUnits(
  units: readonly DesiredUnit[],
  fleet: SeenFleet,
  options: AssignOptions = {},
): Assignment {
  const { seen, unknown } = fleet;
  const { node, policy, record, refusing, settled } = options;
  const all = [...seen.map(({ host }) => host), ...unknown];
  const places = placesOf(seen);
  const isUnknown = new Set(unknown.map(({ name }) => name));
  const assigned: Assigned[] = [];
  const refusals: { unit: DesiredUnit; error: NodedevError }[] = [];
  const unplaced: { unit: DesiredUnit; hosts: readonly FleetHost[] }[] = [];
  for (const unit of units) {
    const host = settled?.get(unit);
    const found = host === undefined ? decide(unit) : { host };
    if ('error' in found) refusals.push({ unit, error: found.error });
    else if ('host' in found) assigned.push({ unit, host: found.host, isPlaced: false });
    else unplaced.push({ unit, hosts: found.hosts });
  }
  const cards = seen.map(({ host, inventory }) => ({
    host: host.name,
    cards: inventory.cards.map(unpackCard),
  }));
  const room = new FleetRoom(cards);
  // What goes to a named host for the first time takes room there, too.
  const named = assigned.filter(({ unit }) => !unit.uuids.some((uuid) => places.has(uuid)));
  const wished = unplaced.map(({ unit, hosts }) => ({
    unit,
    requests: unit.requests.map((request) => ({ ...request, node })),
    hosts: new Set(hosts.map(({ name }) => name)),
  }));
  const taken = room.takeAll(
    [
      ...named.map(({ unit, host }) => ({ requests: unit.requests, hosts: new Set([host.name]) })),
      ...wished,
    ],
    policy,
  );
  for (const each of wished) {
    const { unit } = each;
    const host = all.find(({ name }) => name === taken.get(each)?.host);
    if (host !== undefined) assigned.push({ unit, host, isPlaced: true });
    else {
      const error = say.noRoomAnywhere(unit.name, room.reasons(each), unit.location);
      refusals.push({ unit, error });
    }
  }
  return { assigned, refusals };

  function decide(
    unit: DesiredUnit,
  ):
    | { readonly error: NodedevError }
    | { readonly host: FleetHost }
    | { readonly hosts: readonly FleetHost[] } {
    const { choice, uuids, used, fixed, location } = unit;
    const hosts = all.filter((host) => isChosen(host, choice));
    const on = new Set([...uuids, ...used].flatMap((uuid) => places.get(uuid) ?? []));
    const [there, ...more] = on;
    if (more.length > 0) return { error: say.onSeveral(unit.name, [...on], location) };
    if (there !== undefined) {
      const host = hosts.find(({ name }) => name === there);
      return host === undefined ? { error: say.onAnother(unit.name, there, location) } : { host };
    }
    const [only, ...others] = hosts;
    if (only === undefined) return { error: say.noHostFor(unit.name, choice, location) };
    if (others.length === 0) {
      return isUnknown.has(only.name)
        ? { error: say.waits(unit.name, only.name, location) }
        : { host: only };
    }
    if (fixed !== undefined) return { error: say.hostNeeded(unit.name, fixed, location) };
    const sent = [...uuids, ...used]
      .flatMap((uuid) => record?.get(uuid) ?? [])
      .find((name) => isUnknown.has(name));
    if (sent !== undefined) return { error: say.waits(unit.name, sent, location) };
    const hidden = hosts.filter(({ name }) => isUnknown.has(name));
    if (hidden.length > 0 && record === undefined) {
      return {
        error: say.maybeThere(
          unit.name,
          hidden.map(({ name }) => name),
          location,
        ),
      };
    }
    if (unit.requests.length === 0) return { error: say.usedNowhere(unit.name, used, location) };
    const left = hosts.filter(
      ({ name }) => !isUnknown.has(name) && refusing?.get(unit)?.has(name) !== true,
    );
    return { hosts: left };
  }
}

/** The hosts on which each device is, active or defined. */
function placesOf(seen: readonly SeenHost[]): ReadonlyMap<string, readonly string[]> {
  const places = new Map<string, string[]>();
  for (const { host, inventory } of seen) {
    const { cards, absent } = inventory.topology;
    for (const { uuid } of [...cards.flatMap(({ devices }) => devices), ...absent]) {
      const known = places.get(uuid);
      if (known === undefined) places.set(uuid, [host.name]);
      else if (!known.includes(host.name)) known.push(host.name);
    }
  }
  return places;
}
