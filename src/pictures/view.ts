import type { GroupInfo } from '../engine/listed-device.ts';
import { groupBy } from '../group-by.ts';
import { parseUuid } from '../nodedev/uuid.ts';
import type { TopologyType } from '../plan/room.ts';
import type { Topology, TopologyCard, TopologyDevice } from '../plan/topology.ts';
import { count, type TypeCounts, typeLabel } from './labels.ts';

/** A host's topology put into the order every format shows it in. */
export interface TopologyView {
  readonly topology: Topology;
  readonly cards: readonly CardView[];
  /** Groups that have a name or an owner, sorted by owner. */
  readonly groups: readonly GroupView[];
  /** Definitions whose parent is not on the host. */
  readonly absent: readonly GroupDevices[];
  /** The number of active devices. */
  readonly devices: number;
}

export interface CardView {
  readonly card: TopologyCard;
  /** Node device name of the first parent, and `… and 31 more` where it has several. */
  readonly title: string;
  readonly lines: readonly TypeLine[];
  /** Types with nothing used and nothing free. */
  readonly spent: readonly TopologyType[];
  readonly groups: readonly GroupDevices[];
}

/** Types that have the same counts. Most often these are the types of one size. */
export interface TypeLine extends TypeCounts {
  readonly types: readonly TopologyType[];
}

/** A group with all its members. */
export interface GroupView extends GroupLabel {
  readonly group: GroupInfo;
  /** Titles of the cards its members are on. */
  readonly cards: readonly string[];
  /** The types of its members, each with their number where there are several: `2 nvidia-18`. */
  readonly types: readonly string[];
}

/** What a picture writes above the devices of a group: its name and its owner. */
export interface GroupLabel {
  /** Undefined: nobody gave it a name. */
  readonly name?: string | undefined;
  readonly owner?: string | undefined;
  /** Whether a VM has a member open, as far as this user may see it. */
  readonly open: boolean;
  /** Number of a named group: named groups differ in colour by it. Undefined without a name. */
  readonly number?: number | undefined;
}

/** The devices of a group that are on one card. */
export interface GroupDevices extends GroupLabel {
  readonly devices: readonly DeviceView[];
}

export interface DeviceView extends TopologyDevice {
  /** Id and name of its type, as far as they are known. */
  readonly label: string;
}

export function topologyView(topology: Topology): TopologyView {
  const labels = groupLabels(topology.groups);
  const cards = topology.cards.map((card) => cardView(card, labels));
  const titles = new Map(
    cards.flatMap(({ card, title }) => card.parents.map(({ address }) => [address, title])),
  );
  const shown = topology.groups.flatMap((group) => {
    const label = labels.get(group.name);
    if (label === undefined || (label.name === undefined && label.owner === undefined)) return [];
    const on = group.members.map(({ parentAddress }) => titles.get(parentAddress) ?? parentAddress);
    return [{ ...label, group, cards: [...new Set(on)], types: memberTypes(group) }];
  });
  return {
    topology,
    cards,
    groups: shown.toSorted(byOwner),
    absent: devicesByGroup(topology.absent, [], labels),
    devices: topology.cards.reduce((sum, { devices }) => sum + devices.filter(isActive).length, 0),
  };
}

function cardView(card: TopologyCard, labels: ReadonlyMap<string, GroupLabel>): CardView {
  const [first, ...others] = card.parents;
  const name = first?.name ?? '';
  return {
    card,
    title: others.length === 0 ? name : `${name} and ${others.length} more`,
    lines: typeLines(card.types),
    spent: card.types.filter(isSpent),
    groups: devicesByGroup(card.devices, card.types, labels),
  };
}

const isActive = ({ active }: TopologyDevice): boolean => active;
const isSpent = ({ used, free }: TopologyType): boolean => used === 0 && free === 0;

/** First the types in use, one a line; then the others, most free instances first, equal counts on one line. */
function typeLines(types: readonly TopologyType[]): readonly TypeLine[] {
  const used = types.filter((type) => type.used > 0).map((type) => ({ ...type, types: [type] }));
  const alike = new Map<string, TypeLine>();
  for (const type of types.filter((each) => each.used === 0 && each.free > 0)) {
    const key = `${type.free} ${type.maximum} ${type.confidence}`;
    alike.set(key, { ...type, types: [...(alike.get(key)?.types ?? []), type] });
  }
  return [...used, ...[...alike.values()].toSorted((one, other) => other.free - one.free)];
}

function memberTypes({ members }: GroupInfo): readonly string[] {
  return [...groupBy(members, ({ type }) => type ?? 'type unknown')].map(([type, { length }]) =>
    length === 1 ? type : `${length} ${type}`,
  );
}

/** By group name. A group that was given no name has the uuid of its first member as its name. */
function groupLabels(groups: readonly GroupInfo[]): ReadonlyMap<string, GroupLabel> {
  let named = 0;
  return new Map(
    groups.map(({ name, owner, open }) => {
      const isNamed = parseUuid(name) !== name;
      const label = { owner: owner?.name, open: open === true };
      return [name, isNamed ? { ...label, name, number: named++ } : label];
    }),
  );
}

/** Devices by group, those of named groups first. Groups without a name and an owner are put together. */
function devicesByGroup(
  devices: readonly TopologyDevice[],
  types: readonly TopologyType[],
  groups: ReadonlyMap<string, GroupLabel>,
): readonly GroupDevices[] {
  const typeLabels = new Map(types.map((type) => [type.id, typeLabel(type)]));
  const found = new Map<string, GroupDevices>();
  for (const device of devices) {
    const owner = device.owner?.name;
    const group = groups.get(device.group ?? '') ?? { owner, open: false };
    const isNobodys = group.name === undefined && group.owner === undefined && !group.open;
    const key = isNobodys ? '' : (device.group ?? device.uuid);
    const type = device.type ?? 'type unknown';
    const shown = { ...device, label: typeLabels.get(type) ?? type };
    found.set(key, { ...group, devices: [...(found.get(key)?.devices ?? []), shown] });
  }
  return [...found.values()].toSorted(
    (one, other) => (one.number ?? Infinity) - (other.number ?? Infinity) || 0,
  );
}

/** Sorts by owner; groups without an owner are last. */
function byOwner(one: GroupLabel, other: GroupLabel): number {
  if (one.owner === other.owner) return 0;
  if (one.owner === undefined || other.owner === undefined) return one.owner === undefined ? 1 : -1;
  return one.owner.localeCompare(other.owner, 'en', { numeric: true });
}

/** The CSS class of a group's colour: the same in every place where the group is shown. */
export function markOf(number: number): string {
  return `mark-${number % 6}`;
}

/** Cards in their order. Empty cards of one kind are put together, at the first of them. */
export function alikeCards(cards: readonly CardView[]): readonly (readonly CardView[])[] {
  const shown = new Map<string, CardView[]>();
  for (const [index, view] of cards.entries()) {
    const { product, driver, types, parents } = view.card;
    const kind = JSON.stringify([product, driver, types, parents.length]);
    const key = view.card.devices.length > 0 ? String(index) : kind;
    const alike = shown.get(key);
    if (alike === undefined) shown.set(key, [view]);
    else alike.push(view);
  }
  return [...shown.values()];
}

/** `64 cards, 105 devices, 20 groups, 16 domains` */
export function summary({ topology: { cards, domains }, devices, groups }: TopologyView): string {
  const parents = cards.reduce((sum, card) => sum + card.parents.length, 0);
  const named = groups.filter(({ name }) => name !== undefined).length;
  return [
    count(cards.length, 'card'),
    ...(parents === cards.length ? [] : [count(parents, 'parent')]),
    count(devices, 'device'),
    ...(named === 0 ? [] : [count(named, 'group')]),
    ...(domains.length === 0 ? [] : [count(domains.length, 'domain')]),
  ].join(', ');
}
