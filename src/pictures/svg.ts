import { withArguments } from '../arguments.ts';
import type { Topology } from '../plan/topology.ts';
import { fitText } from './fit.ts';
import { legend, loadLabel, readLabel } from './labels.ts';
import { element, formatMarkup, type Markup } from './markup.ts';
import { typeShapes } from './svg-bar.ts';
import { type Box, BOX_WIDTH, cardBox, groupDevicesBox, groupsBox } from './svg-box.ts';
import { SVG_STYLE } from './svg-style.ts';
import { alikeCards, summary, type TopologyView, topologyView } from './view.ts';
import { topologyShape } from './topology-shape.ts';

const MARGIN = 16;
const GAP = 16;
const HEADER = 108;
/** Characters of the title in the narrowest picture. */
const TITLE = 40;

/**
 * The host as an SVG picture that loads nothing. It is light or dark, as the reader's system prefers. Cards stand in
 * columns; empty cards of one kind share a box.
 */
export function topologySvg(topology: Topology): string {
  return withArguments('topologySvg', [topologyShape], [topology], () => svgOf(topology));
}

function svgOf(topology: Topology): string {
  const view = topologyView(topology);
  const boxes = [
    ...alikeCards(view.cards).map(cardBox),
    ...(view.absent.length === 0 ? [] : [groupDevicesBox('Parent not there', view.absent)]),
    ...(view.groups.length === 0 ? [] : [groupsBox(view.groups)]),
  ];
  const columns = columnsFor(boxes.length);
  const { placed, height: bottom } = inColumns(boxes, columns);
  const width = 2 * MARGIN + columns * BOX_WIDTH + (columns - 1) * GAP;
  const height = bottom + MARGIN;
  const svg = element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: 'img',
      'aria-labelledby': 'title desc',
    },
    [
      element('title', { id: 'title' }, [`Mediated devices of ${topology.uri}`]),
      element('desc', { id: 'desc' }, [description(view)]),
      element('style', {}, [SVG_STYLE]),
      element('rect', { class: 'page', width, height }),
      ...header(view),
      ...placed,
    ],
  );
  return `${formatMarkup(svg)}\n`;
}

/** The picture in words, for screen readers. */
function description(view: TopologyView): string {
  const cards = view.cards.map(({ title, card }) => `${title}: ${loadLabel(card)}.`);
  return [`${summary(view)}.`, ...cards].join(' ');
}

function header(view: TopologyView): readonly Markup[] {
  const keys = [
    [{ used: 1, free: 0 }, 'used', 0],
    [{ used: 0, free: 1 }, 'free', 76],
    [{ used: 0, free: 0 }, 'taken', 152],
  ] as const;
  return [
    element('text', { class: 'title', x: MARGIN, y: 32 }, [fitText(view.topology.uri, TITLE)]),
    element('text', { x: MARGIN, y: 54 }, [summary(view)]),
    ...readLabel(view.topology).map((label) =>
      element('text', { class: 'soft', x: MARGIN, y: 95 }, [fitText(label, TITLE + 10)]),
    ),
    ...keys.flatMap(([counts, part, x]) => [
      element('g', { transform: `translate(${MARGIN + x} 68) scale(0.15 1)` }, [
        ...typeShapes({ ...counts, confidence: 'exact' }),
      ]),
      element('text', { class: 'soft', x: MARGIN + x + 30, y: 77 }, [
        part === 'taken' ? legend.taken : part,
      ]),
    ]),
  ];
}

/** How many columns so many boxes have. Four are about as wide as a screen. */
function columnsFor(boxes: number): number {
  return boxes <= 1 ? 1 : boxes <= 4 ? 2 : boxes <= 9 ? 3 : 4;
}

/** Puts each box into the column that is shortest so far. */
function inColumns(
  boxes: readonly Box[],
  columns: number,
): { readonly placed: readonly Markup[]; readonly height: number } {
  const ends = Array.from({ length: columns }, () => HEADER);
  const placed = boxes.map(({ height, content }) => {
    const top = Math.min(...ends);
    const column = ends.indexOf(top);
    ends[column] = top + height + GAP;
    const x = MARGIN + column * (BOX_WIDTH + GAP);
    return element('g', { class: 'box', transform: `translate(${x} ${top})` }, content);
  });
  return { placed, height: Math.max(...ends) - GAP };
}
