import { typesMeant } from '../drivers/type-meant.ts';
import type { DeviceState, HostState, OwnedGroup } from '../engine/host-state.ts';
import { holderLabel } from '../engine/refusals.ts';
import { describedType, resolveType, type TypeRequest } from '../engine/types-of-parent.ts';
import { parentUnknown } from '../engine/messages.ts';
import type { LibvirtDomain } from '../engine/ownership/libvirt-domains.ts';
import type { Location } from '../errors.ts';
import type { HostType } from '../host/host.ts';
import { type Place, placesOf, typeText } from './places.ts';

/** A host's state, for looking things up in it thousands of times. */
export class HostIndex {
  readonly state: HostState;
  readonly places: readonly Place[];
  readonly #byName: ReadonlyMap<string, Place>;
  readonly #byUuid = new Map<string, DeviceState[]>();
  readonly #active = new Map<string, DeviceState>();
  readonly #members = new Map<string, DeviceState[]>();
  readonly #owners: ReadonlyMap<string, OwnedGroup>;
  readonly #domains = new Map<string, LibvirtDomain[]>();
  readonly #types = new Map<string, HostType>();
  readonly #allTypes: readonly ReturnType<typeof describedType>[];
  readonly #typeKeys = new Map<string, string>();

  constructor(state: HostState) {
    this.state = state;
    this.places = placesOf(state.cards);
    this.#byName = new Map(
      this.places.flatMap((place) => [
        [place.parent.name, place] as const,
        [place.parent.address, place] as const,
      ]),
    );
    for (const device of state.devices) {
      add(this.#byUuid, device.uuid, device);
      if (device.active !== undefined) this.#active.set(device.uuid, device);
      const group = device.active?.record?.group;
      if (group !== undefined) add(this.#members, group, device);
    }
    this.#owners = new Map(state.owners.map((owned) => [owned.group, owned]));
    for (const domain of state.domains) {
      for (const uuid of domain.mdevs) add(this.#domains, uuid, domain);
    }
    const types = this.places.flatMap(({ parent }) => parent.types);
    const distinct = new Map(types.map((type) => [type.id, type]));
    this.#allTypes = [...distinct.values()].map(describedType);
  }

  /** @throws NodedevError `parent-unknown` */
  place(parent: string, location?: Location): Place {
    const place = this.#byName.get(parent);
    if (place !== undefined) return place;
    const names = this.places.map((each) => each.parent.name);
    throw parentUnknown(parent, names, location);
  }

  /** The parent's sysfs name, or the name as it was given when there is no such parent. */
  addressOf(parent: string): string {
    return this.#byName.get(parent)?.parent.address ?? parent;
  }

  /** @throws NodedevError `type-unknown`, `type-ambiguous`, `criterion-invalid` */
  type({ parent }: Place, wanted: TypeRequest, location?: Location): HostType {
    const key = `${parent.address}\n${typeText(wanted)}`;
    const known = this.#types.get(key);
    if (known !== undefined) return known;
    const found = resolveType(parent.name, parent.types, wanted, location);
    this.#types.set(key, found);
    return found;
  }

  /** The id of the one type of this host that is meant, else what was written. */
  typeKey(wanted: TypeRequest): string {
    const text = typeText(wanted);
    const known = this.#typeKeys.get(text);
    if (known !== undefined) return known;
    const meant = typesMeant(this.#allTypes, wanted);
    const key = meant.length === 1 ? (meant[0]?.id ?? text) : text;
    this.#typeKeys.set(text, key);
    return key;
  }

  /** The device of this uuid that is active, under whatever parent. */
  active(uuid: string): DeviceState | undefined {
    return this.#active.get(uuid);
  }

  /** All there is of a uuid: it can be defined under several parents. */
  devices(uuid: string): readonly DeviceState[] {
    return this.#byUuid.get(uuid) ?? [];
  }

  under(parent: string, uuid: string): DeviceState | undefined {
    return this.devices(uuid).find((device) => device.parent === parent);
  }

  /** The active members of a group. */
  members(group: string): readonly DeviceState[] {
    return this.#members.get(group) ?? [];
  }

  /** The domain a group belongs to. */
  owner(group: string): OwnedGroup | undefined {
    return this.#owners.get(group);
  }

  /** The domains whose files of libvirt's name a device. */
  domainsNaming(uuid: string): readonly LibvirtDomain[] {
    return this.#domains.get(uuid) ?? [];
  }
}

/** Who has a device open, in words. */
export function usersOf({ active }: DeviceState): readonly string[] {
  return (active?.holders ?? []).map(holderLabel);
}

function add<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [value]);
  else known.push(value);
}
