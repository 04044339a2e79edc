import * as v from 'valibot';
import { flag, optionsOf, type ShapesOf, withArguments } from '../arguments.ts';
import type { Topology } from '../plan/topology.ts';
import { type BarPart, type BarSegment, loadBar, typeBar } from './bar.ts';
import {
  cardFacts,
  count,
  legend,
  loadLabel,
  percent,
  readLabel,
  shortIds,
  type TypeCounts,
  typeLabel,
} from './labels.ts';
import { textWidth, withCommas } from './fit.ts';
import { type Span, TextLines, type TextOptions, type Tone } from './text-lines.ts';
import {
  alikeCards,
  type CardView,
  summary,
  type GroupDevices,
  type TypeLine,
  type TopologyView,
  topologyView,
} from './view.ts';
import { topologyShape } from './topology-shape.ts';

const MARKS: Readonly<Record<BarPart, string>> = { used: '█', free: '░', taken: '·' };
const ASCII_MARKS: Readonly<Record<BarPart, string>> = { used: '#', free: '-', taken: '.' };

/** Columns of a card's bar in the overview. */
const TILE_BAR = 6;
/** With more cards than this, an overview comes first. */
const FEW = 8;

const ARGUMENTS = [
  topologyShape,
  optionsOf({
    width: v.optional(v.pipe(v.number(), v.finite())),
    color: flag,
    ascii: flag,
  } satisfies ShapesOf<TextOptions>),
];

/** The host for a terminal: each card with devices on its own, empty cards of one kind together. */
export function topologyText(topology: Topology, options: TextOptions = {}): string {
  return withArguments('topologyText', ARGUMENTS, [topology, options], () =>
    textOf(topology, options),
  );
}

function textOf(topology: Topology, options: TextOptions): string {
  const view = topologyView(topology);
  const lines = new TextLines(options);
  lines.line([topology.uri, 'title']);
  for (const label of readLabel(topology)) lines.line([label, 'faint']);
  lines.flow([], [[summary(view), 'plain']]);
  if (view.cards.length > FEW && view.devices > 0) addOverview(lines, view.cards);
  const digits = digitsOf(view.cards, lines.ascii);
  for (const alike of alikeCards(view.cards)) addCard(lines, alike, digits);
  if (view.absent.length > 0) {
    lines.line();
    lines.line(['Definitions whose parent is not there', 'title']);
    for (const group of view.absent) addGroupDevices(lines, group, true);
  }
  addGroups(lines, view);
  if (view.cards.length > 0) addLegend(lines);
  return lines.toString();
}

/** How full every card is, several to a line. */
function addOverview(lines: TextLines, cards: readonly CardView[]): void {
  const names = cards.map(({ card: { parents } }) => lines.fit(parents[0]?.address ?? '', 16));
  const nameWidth = Math.max(...names.map(textWidth));
  const tiles = cards.map(({ card }, index): readonly Span[] => {
    const name = names[index] ?? '';
    const load = card.load === undefined ? '' : percent(card.load);
    return [
      [`${name}${' '.repeat(nameWidth - textWidth(name))} `, 'plain'],
      ...bar(lines, loadBar(card.load ?? 0, TILE_BAR)),
      [load.padStart(6), 'plain'],
    ];
  });
  const columns = Math.max(1, Math.floor((lines.width + 2) / (nameWidth + TILE_BAR + 9)));
  lines.line();
  for (let start = 0; start < tiles.length; start += columns) {
    const row = tiles.slice(start, start + columns);
    const gap: readonly Span[] = [['  ', 'plain']];
    lines.line(...row.flatMap((tile, index) => (index === 0 ? tile : [...gap, ...tile])));
  }
}

function addCard(lines: TextLines, alike: readonly CardView[], digits: Digits): void {
  const [first] = alike;
  if (first === undefined) return;
  const { card, groups } = first;
  lines.line();
  addHeading(lines, alike);
  const load = card.load === undefined ? [] : loadBar(card.load, lines.width >= 60 ? 32 : 16);
  const space = load.length === 0 ? '' : '  ';
  lines.line([space === '' ? ' ' : '  ', 'plain'], ...bar(lines, load), [
    `${space}${loadLabel(card)}`,
    'plain',
  ]);
  for (const line of first.lines) addTypes(lines, line, digits);
  if (first.spent.length > 0) {
    lines.flow([['  none left: ', 'faint']], list(shortIds(first.spent), 'faint'), ' ');
  }
  for (const group of groups) addGroupDevices(lines, group, card.parents.length > 1);
}

/** The heading of one card with its facts, or of several cards with the facts that are the same for all of them. */
function addHeading(lines: TextLines, alike: readonly CardView[]): void {
  const [first, ...others] = alike;
  if (first === undefined) return;
  const shared = cardFacts(first.card).filter((fact) =>
    others.every(({ card }) => cardFacts(card).includes(fact)),
  );
  if (others.length === 0) {
    lines.flow(
      [],
      [
        [first.title, 'title'],
        [shared.join(', '), 'plain'],
      ],
    );
    return;
  }
  lines.line([`${alike.length} cards`, 'title'], [`  ${shared.join(', ')}`, 'plain']);
  lines.flow([['  ', 'plain']], list(alike.map(({ title }) => title)), ' ');
}

/** Texts with commas between them. */
function list(texts: readonly string[], tone: Tone = 'plain'): readonly Span[] {
  return withCommas(texts).map((text): Span => [text, tone]);
}

/** Columns of a type's bar. */
function barWidth({ width }: TextLines): number {
  return width >= 60 ? 12 : 8;
}

/** Widths, in columns, of the largest counts on the host. */
interface Digits {
  readonly used: number;
  readonly free: number;
}

function digitsOf(cards: readonly CardView[], ascii: boolean): Digits {
  const all = cards.flatMap(({ lines }) => lines);
  return {
    used: Math.max(1, ...all.map(({ used }) => String(used).length)),
    free: Math.max(1, ...all.map((line) => freeText(line, ascii).length)),
  };
}

/** `14`, `≤14` */
function freeText({ free, confidence }: TypeCounts, ascii: boolean): string {
  const bound = ascii ? '<=' : '≤';
  return confidence === 'exact' ? String(free) : `${bound}${free}`;
}

function bar({ ascii }: TextLines, segments: readonly BarSegment[]): readonly Span[] {
  const marks = ascii ? ASCII_MARKS : MARKS;
  return segments.map(([part, length]): Span => [marks[part].repeat(length), part]);
}

/** `  2 used 14 free  ██░░░░░░░░░░  nvidia-11 M60-0B` */
function addTypes(lines: TextLines, { types, ...counts }: TypeLine, digits: Digits): void {
  const { used, free } = counts;
  const lead: readonly Span[] = [
    [`  ${String(used).padStart(digits.used)} used `, used > 0 ? 'used' : 'faint'],
    [`${freeText(counts, lines.ascii).padStart(digits.free)} free  `, free > 0 ? 'free' : 'faint'],
    ...bar(lines, typeBar(counts, barWidth(lines))),
    ['  ', 'plain'],
  ];
  lines.flow(lead, list(types.map(typeLabel)), ' ');
}

function addGroupDevices(lines: TextLines, group: GroupDevices, withParent: boolean): void {
  const title = group.name ?? 'no group';
  const owner = group.owner === undefined ? [] : ([[group.owner, 'owner']] as const);
  const arrow = group.owner === undefined ? [] : ([[lines.ascii ? '->' : '→', 'faint']] as const);
  lines.flow(
    [['  ', 'plain']],
    [[title, 'title'], ...arrow, ...owner, ...(group.open ? [['(in use)', 'faint'] as const] : [])],
    ' ',
  );
  for (const { uuid, label, alias, active, parent } of group.devices) {
    lines.flow(
      [['    ', 'plain']],
      [
        [uuid, 'plain'],
        [label, 'plain'],
        ...(withParent ? [[`on ${parent}`, 'plain'] as const] : []),
        ...(active ? [] : [['inactive', 'faint'] as const]),
        ...(alias === undefined ? [] : [[alias, 'plain'] as const]),
      ],
    );
  }
}

function addGroups(lines: TextLines, { groups }: TopologyView): void {
  if (groups.length === 0) return;
  lines.line();
  lines.line(['Groups', 'title']);
  const names = column(
    lines,
    groups.map(({ name }) => name ?? 'no name'),
    lines.width / 4,
  );
  const owners = column(
    lines,
    groups.map(({ owner }) => owner ?? 'no domain'),
    lines.width / 3,
  );
  for (const [index, { owner, open, group, cards, types }] of groups.entries()) {
    lines.flow(
      [
        [`  ${names[index] ?? ''}  `, 'plain'],
        [`${owners[index] ?? ''}  `, owner === undefined ? 'faint' : 'owner'],
      ],
      [
        [`${count(group.members.length, 'device')}${open ? ' in use' : ''}`, 'plain'],
        [`(${types.join(', ')}) on`, 'plain'],
        ...list(cards),
      ],
      ' ',
    );
  }
}

/** The texts, all filled up to the same width, which is `most` at most. */
function column(lines: TextLines, texts: readonly string[], most: number): readonly string[] {
  const shown = texts.map((text) => lines.fit(text, Math.floor(most)));
  const width = Math.max(...shown.map(textWidth));
  return shown.map((text) => text + ' '.repeat(width - textWidth(text)));
}

function addLegend(lines: TextLines): void {
  const marks = lines.ascii ? ASCII_MARKS : MARKS;
  lines.line();
  lines.flow(
    [],
    (['used', 'free', 'taken'] as const).map(
      (part): Span => [`${marks[part]} ${legend[part]}`, part],
    ),
    '   ',
  );
}
