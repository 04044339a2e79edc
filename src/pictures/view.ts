import type { GroupInfo } from '../engine/types.ts';
import { parseUuid } from '../nodedev/uuid.ts';
import type { TopologyType } from '../plan/room.ts';
import type { Topology, TopologyCard, TopologyDevice } from '../plan/topology.ts';
import { count, type TypeCounts, typeLabel } from './labels.ts';

/** A host's topology put into the order every format shows it in. */
export interface View {
  readonly topology: Topology;
  readonly cards: readonly CardView[];
  /** Groups that have a name or an owner, by owner. */
  readonly teams: readonly TeamView[];
  /** Definitions without a parent. */
  readonly absent: readonly TeamPart[];
  /** Active ones. */
  readonly devices: number;
}

export interface CardView {
  readonly card: TopologyCard;
  /** Node device name of the first parent, and `… and 31 more` where it has several. */
  readonly title: string;
  readonly lines: readonly TypeLine[];
  /** Types with nothing used and nothing free. */
  readonly spent: readonly TopologyType[];
  readonly parts: readonly TeamPart[];
}

/** Types that have the same counts: those of one size, most often. */
export interface TypeLine extends TypeCounts {
  readonly types: readonly TopologyType[];
}

/** A group on the whole host. */
export interface TeamView extends Team {
  readonly group: GroupInfo;
  /** Titles of the cards its members are on. */
  readonly cards: readonly string[];
}

/** What a group is called, and whose it is. */
export interface Team {
  /** Undefined: nobody gave it a name. */
  readonly name?: string | undefined;
  readonly owner?: string | undefined;
  /** While a VM has a member open, and this user may know it. */
  readonly open: boolean;
  /** Counts named groups, to tell them apart by colour; undefined without a name. */
  readonly number?: number | undefined;
}

/** The devices of a group that are on one card. */
export interface TeamPart extends Team {
  readonly devices: readonly DeviceView[];
}

export interface DeviceView extends TopologyDevice {
  /** Id and name of its type, as far as they are known. */
  readonly label: string;
}

export function viewOf(topology: Topology): View {
  const teams = teamsOf(topology.groups);
  const cards = topology.cards.map((card) => cardView(card, teams));
  const titles = new Map(
    cards.flatMap(({ card, title }) => card.parents.map(({ address }) => [address, title])),
  );
  const shown = topology.groups.flatMap((group) => {
    const team = teams.get(group.name);
    if (team === undefined || (team.name === undefined && team.owner === undefined)) return [];
    const on = group.members.map(({ parentAddress }) => titles.get(parentAddress) ?? parentAddress);
    return [{ ...team, group, cards: [...new Set(on)] }];
  });
  return {
    topology,
    cards,
    teams: shown.toSorted(byOwner),
    absent: parts(topology.absent, [], teams),
    devices: topology.cards.reduce((sum, { devices }) => sum + devices.filter(isActive).length, 0),
  };
}

function cardView(card: TopologyCard, teams: ReadonlyMap<string, Team>): CardView {
  const [first, ...others] = card.parents;
  const name = first?.name ?? '';
  return {
    card,
    title: others.length === 0 ? name : `${name} and ${others.length} more`,
    lines: typeLines(card.types),
    spent: card.types.filter(isSpent),
    parts: parts(card.devices, card.types, teams),
  };
}

const isActive = ({ active }: TopologyDevice): boolean => active;
const isSpent = ({ used, free }: TopologyType): boolean => used === 0 && free === 0;

/** Types in use first, each on its own; then the rest by what is free, alike ones together. */
function typeLines(types: readonly TopologyType[]): readonly TypeLine[] {
  const used = types.filter((type) => type.used > 0).map((type) => ({ ...type, types: [type] }));
  const alike = new Map<string, TypeLine>();
  for (const type of types.filter((each) => each.used === 0 && each.free > 0)) {
    const key = `${type.free} ${type.maximum} ${type.confidence}`;
    alike.set(key, { ...type, types: [...(alike.get(key)?.types ?? []), type] });
  }
  return [...used, ...[...alike.values()].toSorted((one, other) => other.free - one.free)];
}

/** By group name. A group nobody named is called by the uuid of its first member. */
function teamsOf(groups: readonly GroupInfo[]): ReadonlyMap<string, Team> {
  let named = 0;
  return new Map(
    groups.map(({ name, owner, open }) => {
      const isNamed = parseUuid(name) !== name;
      const team = { owner: owner?.name, open: open === true };
      return [name, isNamed ? { ...team, name, number: named++ } : team];
    }),
  );
}

/** Devices by group, those of named groups first; without name and owner they stand together. */
function parts(
  devices: readonly TopologyDevice[],
  types: readonly TopologyType[],
  teams: ReadonlyMap<string, Team>,
): readonly TeamPart[] {
  const labels = new Map(types.map((type) => [type.id, typeLabel(type)]));
  const found = new Map<string, TeamPart>();
  for (const device of devices) {
    const owner = device.owner?.name;
    const team = teams.get(device.group ?? '') ?? { owner, open: false };
    const isNobodys = team.name === undefined && team.owner === undefined && !team.open;
    const key = isNobodys ? '' : (device.group ?? device.uuid);
    const type = device.type ?? 'type unknown';
    const shown = { ...device, label: labels.get(type) ?? type };
    found.set(key, { ...team, devices: [...(found.get(key)?.devices ?? []), shown] });
  }
  return [...found.values()].toSorted(
    (one, other) => (one.number ?? Infinity) - (other.number ?? Infinity) || 0,
  );
}

/** Those without an owner last; else as they were numbered. */
function byOwner(one: Team, other: Team): number {
  if (one.owner === other.owner) return 0;
  if (one.owner === undefined || other.owner === undefined) return one.owner === undefined ? 1 : -1;
  return one.owner.localeCompare(other.owner, 'en', { numeric: true });
}

/** One of the colours groups have; the same for a group wherever it stands. */
export function markOf(number: number): string {
  return `mark-${number % 6}`;
}

/** In their order; an empty card brings the empty ones like it along. */
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
export function summary({ topology: { cards, domains }, devices, teams }: View): string {
  const parents = cards.reduce((sum, card) => sum + card.parents.length, 0);
  const named = teams.filter(({ name }) => name !== undefined).length;
  return [
    count(cards.length, 'card'),
    ...(parents === cards.length ? [] : [count(parents, 'parent')]),
    count(devices, 'device'),
    ...(named === 0 ? [] : [count(named, 'group')]),
    ...(domains.length === 0 ? [] : [count(domains.length, 'domain')]),
  ].join(', ');
}
