import { driverForType } from '../drivers/registry.ts';
import type { DeviceState } from '../engine/devices/host-state.ts';
import { nameOf } from '../engine/devices/inventory.ts';
import type { DomainRef } from '../policy/domain-ref.ts';
import type { CardInfo } from '../engine/card-info.ts';
import type { GroupInfo, ListedDevice } from '../engine/listed-device.ts';
import type { GroupOwner } from '../policy/owner.ts';
import type { NodedevError } from '../errors.ts';
import { roomOf, type TopologyType } from './room.ts';

/** A snapshot of a host for pictures: its cards with their types and devices, the groups, and the domains that own them. */
export interface Topology {
  /** The connection it was read from. */
  readonly uri: string;
  /** On which machine it was read, and when; undefined where nobody says. */
  readonly read?: { readonly on: string; readonly at: string } | undefined;
  /**
   * Changes with everything that a plan depends on, whoever changes it: `create`, `define` and `apply` take it as `ifGeneration`.
   * Absent: the host has no mediated devices, does not let this user see who has them open, or has one of which a file cannot be read.
   */
  readonly generation?: string | undefined;
  readonly cards: readonly TopologyCard[];
  /** Definitions whose parent is not on the host. */
  readonly absent: readonly TopologyDevice[];
  readonly groups: readonly GroupInfo[];
  /** The owners of groups, sorted by name. */
  readonly domains: readonly TopologyDomain[];
  /** What could not be read. */
  readonly problems: readonly NodedevError[];
}

export interface TopologyCard {
  /** The PCI product name of its first parent, such as `Tesla M60`. */
  readonly product?: string | undefined;
  /** The driver whose rules it follows, such as `nvidia`; undefined where no rules are known. */
  readonly driver?: string | undefined;
  readonly numaNode?: number | undefined;
  /** One parent, or the SR-IOV virtual functions of one GPU. */
  readonly parents: readonly TopologyParent[];
  /** Set where each parent is a function that takes a type and is then itself the device. */
  readonly isFunctions?: true | undefined;
  /** The part of the card that its active devices take, from 0 to 1; undefined where the rules are not known. */
  readonly load?: number | undefined;
  /** Sorted by id; numbers in an id are compared by value. */
  readonly types: readonly TopologyType[];
  /** Active and inactive devices. */
  readonly devices: readonly TopologyDevice[];
}

export interface TopologyParent {
  /** Node device name. */
  readonly name: string;
  /** sysfs name. */
  readonly address: string;
}

export interface TopologyDevice {
  /** Node device name. */
  readonly name: string;
  readonly uuid: string;
  /** sysfs name of the parent. */
  readonly parent: string;
  readonly alias?: string | undefined;
  /** The type's id; undefined where the definition cannot be read. */
  readonly type?: string | undefined;
  readonly group?: string | undefined;
  /** The owner of its group. */
  readonly owner?: GroupOwner | undefined;
  readonly active: boolean;
}

export interface TopologyDomain extends DomainRef {
  /** Names of its groups. */
  readonly groups: readonly string[];
}

/** What a topology has of a device. Its owner is that of its group, where that is not known. */
export type SeenDevice = Pick<
  ListedDevice,
  'active' | 'alias' | 'group' | 'name' | 'owner' | 'parentAddress' | 'type' | 'uuid'
>;

/** The devices of a state that was read, which are then not listed again. As in a list, a definition that cannot be read is none. */
export const seenDevices = (devices: readonly DeviceState[]): readonly SeenDevice[] =>
  devices
    .filter(({ active, defined }) => (active ?? defined?.definition) !== undefined)
    .map(({ uuid, parent, active, defined }) => ({
      name: nameOf({ uuid, parent }),
      uuid,
      parentAddress: parent,
      alias: active?.record?.alias ?? defined?.record?.alias,
      type: active?.type ?? defined?.definition?.type,
      group: active?.record?.group ?? defined?.record?.group,
      active: active !== undefined,
    }));

/** Builds the topology from cards, devices and groups, which are read one after the other. */
export function topologyOf(
  uri: string,
  host: {
    readonly generation?: string | undefined;
    readonly cards: readonly CardInfo[];
    readonly devices: readonly SeenDevice[];
    readonly groups: readonly GroupInfo[];
    readonly problems: readonly NodedevError[];
  },
): Topology {
  const owners = new Map(host.groups.map(({ name, owner }) => [name, owner]));
  const byParent = new Map<string, TopologyDevice[]>();
  for (const listed of host.devices) {
    const { uuid, parentAddress: parent, name, alias, type, group, active } = listed;
    if (uuid === undefined || parent === undefined) continue;
    const owner = (group === undefined ? undefined : owners.get(group)) ?? listed.owner;
    const device = { name, uuid, parent, alias, type, group, owner, active };
    const siblings = byParent.get(parent);
    if (siblings === undefined) byParent.set(parent, [device]);
    else siblings.push(device);
  }
  const cards = host.cards.map((info) => topologyCard(info, byParent));
  const present = new Set(cards.flatMap(({ parents }) => parents.map(({ address }) => address)));
  return {
    uri,
    generation: host.generation,
    cards,
    absent: [...byParent].flatMap(([parent, devices]) => (present.has(parent) ? [] : devices)),
    groups: host.groups,
    domains: domainsOf(host.groups),
    problems: host.problems,
  };
}

/** The part of a topology that is on one NUMA node: its cards, and the groups and domains with a device there. */
export function onNode(topology: Topology, node: number | undefined): Topology {
  if (node === undefined) return topology;
  const cards = topology.cards.filter(({ numaNode }) => numaNode === node);
  const there = new Set(cards.flatMap(({ devices }) => devices.map(({ group }) => group)));
  const groups = topology.groups.filter(({ name }) => there.has(name));
  return { ...topology, cards, absent: [], groups, domains: domainsOf(groups) };
}

function topologyCard(
  info: CardInfo,
  byParent: ReadonlyMap<string, readonly TopologyDevice[]>,
): TopologyCard {
  const [first] = info.parents;
  const channelDevice = first?.channelDevice;
  const parents = info.parents.map(({ name, address }) => ({ name, address }));
  return {
    product: first?.product ?? (channelDevice && `device ${channelDevice}`),
    driver: driverForType(info.card.types[0]?.id ?? '')?.name,
    numaNode: first?.numaNode,
    parents,
    ...(info.card.isFunctions === true ? { isFunctions: true } : {}),
    ...roomOf(info),
    devices: parents.flatMap(({ address }) => byParent.get(address) ?? []),
  };
}

function domainsOf(groups: readonly GroupInfo[]): readonly TopologyDomain[] {
  const domains = new Map<string, TopologyDomain>();
  for (const { name, owner } of groups) {
    if (owner === undefined) continue;
    const known = domains.get(owner.name) ?? { name: owner.name, uuid: owner.uuid, groups: [] };
    domains.set(owner.name, { ...known, groups: [...known.groups, name] });
  }
  return [...domains.values()].toSorted((one, other) =>
    one.name.localeCompare(other.name, 'en', { numeric: true }),
  );
}
