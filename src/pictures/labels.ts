import { shortTypeName } from '../drivers/type-facts.ts';
import type { TopologyType } from '../plan/room.ts';
import type { Topology, TopologyCard } from '../plan/topology.ts';

/** The words that every format of the picture uses. */

export const legend = {
  used: 'used',
  free: 'free, if no other type takes the room',
  taken: 'taken by other types',
} as const;

/** `1 device`, `2 devices` */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** `nvidia-11 M60-0B`: the id, and the name without the prefix that all names of its vendor have. */
export function typeLabel({ id, name }: Pick<TopologyType, 'id' | 'name'>): string {
  return name === undefined || id.includes(name) ? id : `${id} ${shortTypeName({ id, name })}`;
}

/** `read on gpu1, 2026-11-29 12:30:00 UTC`; nothing where nobody says. */
export function readLabel({ read }: Topology): readonly string[] {
  if (read === undefined) return [];
  return [`read on ${read.on}, ${read.at.replace('T', ' ').replace(/(?:\.\d+)?Z$/u, ' UTC')}`];
}

/** `14`, or `at most 14` where the driver keeps a limit to itself. */
export function freeLabel({ free, confidence }: TypeCounts): string {
  return confidence === 'exact' ? String(free) : `at most ${free}`;
}

/** The counts of a type. */
export type TypeCounts = Pick<TopologyType, 'used' | 'free' | 'confidence' | 'maximum'>;

/** `2 used, 14 free, of 16`: a bar in words, for readers who do not see it. */
export function barLabel(counts: TypeCounts): string {
  const { used, maximum } = counts;
  const taken = takenBy(counts);
  return [
    `${used} used`,
    `${freeLabel(counts)} free`,
    ...(taken === 0 ? [] : [`${taken} taken by other types`]),
    ...(maximum === undefined ? [] : [`of ${maximum}`]),
  ].join(', ');
}

/** Instances that an empty card has, and that this card does not have because devices of other types take their room. */
export function takenBy({ used, free, maximum }: TypeCounts): number {
  return Math.max(0, (maximum ?? 0) - used - free);
}

/** `12 % full, 2 devices`, `empty` */
export function loadLabel({ load, devices }: TopologyCard): string {
  const active = devices.filter((device) => device.active).length;
  const defined = devices.length - active;
  const inactive = defined === 0 ? [] : [`${defined} inactive`];
  if (active === 0) return ['empty', ...inactive].join(', ');
  const full = load === undefined ? [] : [`${percent(load)} full`];
  return [...full, count(active, 'device'), ...inactive].join(', ');
}

/** `12 %`. Only an empty card is 0 %, and only a full one 100 %. */
export function percent(load: number): string {
  if (load > 0 && load < 0.01) return '<1 %';
  return `${load < 1 ? Math.min(99, Math.round(load * 100)) : 100} %`;
}

/** What a card is, beside its name: `Tesla M60`, `NUMA node 1`, `32 parents`. */
export function cardFacts({ product, numaNode, parents, driver }: TopologyCard): readonly string[] {
  return [
    productLabel(product) ?? driver ?? 'unknown driver',
    ...(numaNode === undefined ? [] : [`NUMA node ${numaNode}`]),
    ...(parents.length === 1 ? [] : [`${parents.length} parents`]),
  ];
}

/** `Tesla M60` of `GM204GL [Tesla M60]`: the database of PCI ids has the chip first. */
function productLabel(product: string | undefined): string | undefined {
  return product === undefined ? undefined : (/\[([^[\]]+)\]$/u.exec(product)?.[1] ?? product);
}

/** `nvidia-13`, `14`, `15`: only the first id of a driver has the driver's name. */
export function shortIds(types: readonly TopologyType[]): readonly string[] {
  let known = '';
  return types.map(({ id }) => {
    const end = id.indexOf('-') + 1;
    const prefix = id.slice(0, end);
    const isKnown = prefix !== '' && prefix === known;
    known = prefix;
    return isKnown ? id.slice(end) : id;
  });
}
