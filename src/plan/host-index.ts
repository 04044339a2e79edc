import { matchingTypes } from '../drivers/matching-types.ts';
import type { DeviceState, HostState, GroupOwnership } from '../engine/devices/host-state.ts';
import { holderLabel } from '../policy/reasons.ts';
import {
  describedType,
  resolveType,
  type TypeRequest,
  typeText,
} from '../engine/devices/types-of-parent.ts';
import { offCardOf } from '../engine/setup/off-cards.ts';
import { parentUnknown } from '../engine/wording/request-messages.ts';
import { functionsOff } from '../engine/wording/setup-messages.ts';
import type { NamingDomain } from '../policy/picture.ts';
import type { Location } from '../errors.ts';
import { groupBy } from '../group-by.ts';
import type { HostType } from '../host/host.ts';
import { addressOf, sysfsName } from '../nodedev/names.ts';
import { functionsOnCards, type ParentOnCard, parentsOf } from './parents.ts';

/** A host's state with indexes for fast look-ups. */
export class HostIndex {
  readonly state: HostState;
  readonly parents: readonly ParentOnCard[];
  readonly #byName: ReadonlyMap<string, ParentOnCard>;
  readonly #byUuid: ReadonlyMap<string, readonly DeviceState[]>;
  readonly #active: ReadonlyMap<string, DeviceState>;
  readonly #members: ReadonlyMap<string | undefined, readonly DeviceState[]>;
  readonly #allMembers: ReadonlyMap<string | undefined, readonly DeviceState[]>;
  readonly #owners: ReadonlyMap<string, GroupOwnership>;
  readonly #domains: ReadonlyMap<string, readonly (readonly [string, NamingDomain])[]>;
  /** Type ids, by the types a parent offers and the request. */
  readonly #types = new Map<string, string>();
  readonly #allTypes: readonly ReturnType<typeof describedType>[];
  readonly #typeKeys = new Map<string, string>();

  constructor(state: HostState) {
    this.state = state;
    this.parents = parentsOf(state.cards);
    this.#byName = new Map(
      this.parents.flatMap((each) => [
        [each.parent.name, each] as const,
        [each.parent.address, each] as const,
      ]),
    );
    const active = state.devices.filter((device) => device.active !== undefined);
    this.#byUuid = groupBy(state.devices, ({ uuid }) => uuid);
    this.#active = new Map(active.map((device) => [device.uuid, device]));
    this.#members = groupBy(active, (device) => device.active?.record?.group);
    this.#allMembers = groupBy(
      state.devices,
      ({ active: now, defined }) => now?.record?.group ?? defined?.record?.group,
    );
    this.#owners = new Map(state.owners.map((owned) => [owned.group, owned]));
    const uses = state.domains.flatMap((domain) =>
      domain.mdevs.map((uuid) => [uuid, domain] as const),
    );
    this.#domains = groupBy(uses, ([uuid]) => uuid);
    // All parents of a card offer the same types.
    const types = state.cards.flatMap(({ parents }) => parents[0]?.types ?? []);
    const distinct = new Map(types.map((type) => [type.id, type]));
    this.#allTypes = [...distinct.values()].map(describedType);
  }

  /** @throws NodedevError `parent-unknown` */
  parent(name: string, location?: Location): ParentOnCard {
    const found = this.#byName.get(sysfsName(name));
    if (found !== undefined) return found;
    const off = offCardOf(this.state.off, name);
    if (off !== undefined) throw functionsOff(off, location);
    const names = this.parents.map((each) => each.parent.name);
    throw parentUnknown(name, names, location);
  }

  /** The functions that take types of the physical one with this name; none when it is not one. */
  functionsOf(name: string): readonly ParentOnCard[] {
    return functionsOnCards(this.parents, addressOf(name));
  }

  /** As {@link parent}; undefined when there is no such parent. */
  find(name: string): ParentOnCard | undefined {
    return this.#byName.get(sysfsName(name));
  }

  /** The sysfs names of the parents that need a PCI function bound to its driver: itself and its virtual functions. */
  parentsOf(address: string): ReadonlySet<string> {
    const virtual = this.parents.filter(({ parent }) => parent.physicalFunction === address);
    return new Set([address, ...virtual.map(({ parent }) => parent.address)]);
  }

  /** The parent's sysfs name, or the name as it was given when there is no such parent. */
  addressOf(parent: string): string {
    const known = this.#byName.get(sysfsName(parent))?.parent.address;
    return known ?? (this.functionsOf(parent).length === 0 ? parent : addressOf(parent));
  }

  /** @throws NodedevError `type-unknown`, `type-ambiguous`, `criterion-invalid` */
  type({ parent }: ParentOnCard, request: TypeRequest, location?: Location): HostType {
    const key = `${parent.types.map(({ id }) => id).join('/')}\n${typeText(request)}`;
    const id = this.#types.get(key);
    const known = id === undefined ? undefined : parent.types.find((type) => type.id === id);
    if (known !== undefined) return known;
    const found = resolveType(parent.name, parent.types, request, location);
    this.#types.set(key, found.id);
    return found;
  }

  /** The id of the type that meets the request, if exactly one type of this host does; else the request's text. */
  typeKey(request: TypeRequest): string {
    const text = typeText(request);
    const known = this.#typeKeys.get(text);
    if (known !== undefined) return known;
    const meant = matchingTypes(this.#allTypes, request);
    const key = meant.length === 1 ? (meant[0]?.id ?? text) : text;
    this.#typeKeys.set(text, key);
    return key;
  }

  /** The active device of this uuid, under any parent. */
  active(uuid: string): DeviceState | undefined {
    return this.#active.get(uuid);
  }

  /** All devices of this uuid: it can be defined under several parents. */
  devices(uuid: string): readonly DeviceState[] {
    return this.#byUuid.get(uuid) ?? [];
  }

  under(parent: string, uuid: string): DeviceState | undefined {
    return this.devices(uuid).find((device) => device.parent === parent);
  }

  /** The members of a group, active and defined. */
  allMembers(group: string): readonly DeviceState[] {
    return this.#allMembers.get(group) ?? [];
  }

  /** The active members of a group. */
  members(group: string): readonly DeviceState[] {
    return this.#members.get(group) ?? [];
  }

  /** The group's owner. */
  owner(group: string): GroupOwnership | undefined {
    return this.#owners.get(group);
  }

  /** The domains that name a device in their libvirt files. */
  domainsNaming(uuid: string): readonly NamingDomain[] {
    return (this.#domains.get(uuid) ?? []).map(([, domain]) => domain);
  }
}

/** The holders of a device, in words. */
export function usersOf({ active }: DeviceState): readonly string[] {
  return (active?.holders ?? []).map(holderLabel);
}
