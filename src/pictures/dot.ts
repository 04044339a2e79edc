import { withArguments } from '../arguments.ts';
import type { Topology } from '../plan/topology.ts';
import { type BarPart, type BarSegment, loadBar, typeBar } from './bar.ts';
import { withCommas, wrapItems } from './fit.ts';
import { cardFacts, freeLabel, loadLabel, readLabel, shortIds, typeLabel } from './labels.ts';
import { element, formatMarkup, type Markup } from './markup.ts';
import {
  alikeCards,
  type CardView,
  type GroupDevices,
  type TypeLine,
  topologyView,
} from './view.ts';
import { topologyShape } from './topology-shape.ts';

/** Legible on white and on black. */
const COLORS: Readonly<Record<BarPart, string>> = {
  used: '#2f6fdb',
  free: '#3d9a68',
  taken: '#8a919c',
};
const MARKS: Readonly<Record<BarPart, string>> = { used: '█', free: '░', taken: '·' };
/** Characters. */
const LINE = 44;

/**
 * The host as a graph for Graphviz's `dot`: cards, their devices, the devices' groups, and the domains the groups belong
 * to. Every label is an HTML-like label, so that names are escaped as in HTML. The nodes' own names are made here.
 */
export function topologyDot(topology: Topology): string {
  return withArguments('topologyDot', [topologyShape], [topology], () => dotOf(topology));
}

function dotOf(topology: Topology): string {
  const view = topologyView(topology);
  const groupIds = new Map(
    view.groups.map(({ group }, index) => [group.name, `group${index + 1}`]),
  );
  const domains = new Map(topology.domains.map(({ name }, index) => [name, `domain${index + 1}`]));
  const cards = alikeCards(view.cards).flatMap((alike, index) =>
    cardLines(`card${index + 1}`, alike, groupIds),
  );
  const groups = view.groups.flatMap(({ name, owner, open, group }) => {
    const id = groupIds.get(group.name) ?? '';
    const domain = domains.get(owner ?? '');
    return [
      node(id, 'box, rounded', [bold(name ?? 'no name'), ...(open ? ['in use'] : [])]),
      ...(domain === undefined ? [] : [edge(id, domain)]),
    ];
  });
  return [
    'digraph topology {',
    `  graph [rankdir=LR, fontname="sans-serif", label=${label([text([topology.uri, ...readLabel(topology)].join(', '))])}];`,
    '  node [fontname="sans-serif", fontsize=11];',
    '  edge [color="#8a919c"];',
    ...cards,
    ...deviceLines('absent', view.absent, groupIds),
    ...groups,
    ...topology.domains.map(({ name }) => {
      return node(domains.get(name) ?? '', 'box', ['domain', bold(name)]);
    }),
    '}',
  ]
    .map((line) => `${line}\n`)
    .join('');
}

function cardLines(
  id: string,
  alike: readonly CardView[],
  groupIds: ReadonlyMap<string, string>,
): readonly string[] {
  const [first] = alike;
  if (first === undefined) return [];
  const { card, lines, spent, groups } = first;
  const names = wrapItems(withCommas(alike.map(({ title }) => title)), LINE);
  const count = alike.length === 1 ? [] : [`${alike.length} cards`];
  const rows: readonly Markup[] = [
    row([wide(names.map(bold))]),
    row([wide([text([...count, ...cardFacts(card)].join(', '))])]),
    ...(card.load === undefined ? [] : [row([wide([bar(loadBar(card.load, 32))])])]),
    row([wide([text(loadLabel(card))])]),
    ...lines.map(typesRow),
    ...(spent.length === 0
      ? []
      : [row([wide(wrapItems(['none left:', ...withCommas(shortIds(spent))], LINE).map(text))])]),
  ];
  const attributes = { BORDER: 0, CELLBORDER: 0, CELLSPACING: 2 };
  const table = formatMarkup(element('TABLE', attributes, rows));
  return [`  ${id} [shape=box, label=<${table}>];`, ...deviceLines(id, groups, groupIds)];
}

function typesRow(line: TypeLine): Markup {
  const names = wrapItems(withCommas(line.types.map(typeLabel)), LINE);
  return row([
    cell([`${line.used} used`], { ALIGN: 'RIGHT' }),
    cell([`${freeLabel(line)} free`], { ALIGN: 'RIGHT' }),
    cell([bar(typeBar(line, 12))]),
    cell(lineBreaks(names.map(text)), { ALIGN: 'LEFT', BALIGN: 'LEFT' }),
  ]);
}

/** The devices, with an edge from their card and one to their group. */
function deviceLines(
  id: string,
  groups: readonly GroupDevices[],
  groupIds: ReadonlyMap<string, string>,
): readonly string[] {
  let number = 0;
  return groups.flatMap(({ devices }) =>
    devices.flatMap((device) => {
      number++;
      const own = `${id}_device${number}`;
      const group = groupIds.get(device.group ?? '');
      const style = device.active ? 'box' : 'box, dashed';
      const alias = device.alias === undefined ? [] : [text(device.alias)];
      return [
        node(own, style, [text(device.uuid), text(device.label), ...alias]),
        ...(id === 'absent' ? [] : [edge(id, own)]),
        ...(group === undefined ? [] : [edge(own, group)]),
      ];
    }),
  );
}

/** @param look the shape, and after a comma the style */
function node(id: string, look: string, lines: readonly Markup[]): string {
  const [shape = '', style = 'solid'] = look.split(', ');
  return `  ${id} [shape=${shape}, style=${style}, label=${label(lines)}];`;
}

function edge(from: string, to: string): string {
  return `  ${from} -> ${to};`;
}

function label(lines: readonly Markup[]): string {
  return `<${lineBreaks(lines).map(formatMarkup).join('')}>`;
}

function lineBreaks(lines: readonly Markup[]): readonly Markup[] {
  return lines.flatMap((line, index) => (index === 0 ? [line] : [element('BR'), line]));
}

/** Graphviz takes no empty text. */
function text(content: string): string {
  return content.trim() === '' ? '-' : content;
}

function bold(content: string): Markup {
  return element('B', {}, [text(content)]);
}

function bar(segments: readonly BarSegment[]): Markup {
  const fonts = segments.map(([part, length]) =>
    element('FONT', { COLOR: COLORS[part], FACE: 'monospace' }, [MARKS[part].repeat(length)]),
  );
  return element('FONT', { 'POINT-SIZE': 10 }, fonts);
}

function row(cells: readonly Markup[]): Markup {
  return element('TR', {}, cells);
}

function cell(children: readonly Markup[], attributes = {}): Markup {
  return element('TD', attributes, children);
}

/** All columns of a card's table. */
function wide(lines: readonly Markup[]): Markup {
  return cell(lineBreaks(lines), { COLSPAN: 4, ALIGN: 'LEFT', BALIGN: 'LEFT' });
}
