import { fitText, textWidth, withCommas, wrapItems } from './fit.ts';
import { cardFacts, count, freeLabel, loadLabel, shortIds, typeLabel } from './labels.ts';
import { element, type Markup } from './markup.ts';
import { BAR, loadShapes, typeShapes } from './svg-bar.ts';
import {
  type CardView,
  markOf,
  type GroupLabel,
  type GroupDevices,
  type GroupView,
  type TypeLine,
} from './view.ts';

/** A box of the picture. Its upper left corner is at the origin; lengths are in pixels. */
export interface Box {
  readonly height: number;
  readonly content: readonly Markup[];
}

export const BOX_WIDTH = 400;
const PADDING = 16;
const INNER = BOX_WIDTH - 2 * PADDING;
const LINE = 18;
/** Width of a type's bar. */
const TYPE_BAR = 128;
/** Width of a character, at 12 pixels and in the widest of the monospaced fonts: 0.62 of its size. */
const CHARACTER = 12 * 0.62;
const COLUMNS = Math.floor(INNER / CHARACTER);
/** Characters that fit into a line of the larger font that names have. */
const NAME_CHARACTER = 14 * 0.62;
const NAME_COLUMNS = Math.floor(INNER / NAME_CHARACTER);

/** Texts whose characters every monospaced font has, all of one width. Others come from any font, in any width. */
const MONOSPACED = /^[\u0020-\u007e\u00a0-\u024f…→]*$/u;

/** Collects the content of a box, from top to bottom. */
class BoxContent {
  readonly #content: Markup[] = [];
  #y = PADDING;

  get y(): number {
    return this.#y;
  }

  text(content: string, look?: string, indent = 0): void {
    this.#y += LINE;
    const place = { x: PADDING + indent, y: this.#y - 5 };
    const width = textWidth(content) * (look === 'name' ? NAME_CHARACTER : CHARACTER);
    const fixed = MONOSPACED.test(content)
      ? {}
      : { textLength: Math.floor(width), lengthAdjust: 'spacingAndGlyphs' };
    this.#content.push(element('text', { class: look, ...place, ...fixed }, [content]));
  }

  /** Items, on as many lines as they need. */
  items(items: readonly string[], look?: string): void {
    for (const line of wrapItems(withCommas(items), COLUMNS)) this.text(line, look);
  }

  /** A bar, with a text at its right. */
  bar(shapes: readonly Markup[], width: number, beside = ''): void {
    this.#y += LINE;
    const place = `translate(${PADDING} ${this.#y - 14}) scale(${width / BAR.width} 1)`;
    this.#content.push(element('g', { transform: place }, shapes));
    if (beside === '') return;
    const x = PADDING + width + 12;
    const room = Math.floor((BOX_WIDTH - PADDING - x) / CHARACTER);
    this.#content.push(element('text', { x, y: this.#y - 5 }, [fitText(beside, room)]));
  }

  gap(height: number): void {
    this.#y += height;
  }

  /** A vertical line at the left, from the height `from` down to the current one. */
  mark(look: string, from: number): void {
    const height = this.#y - from;
    this.#content.push(element('rect', { class: look, x: PADDING, y: from, width: 3, height }));
  }

  box(): Box {
    const height = this.#y + PADDING;
    const frame = {
      class: 'frame',
      x: 0.5,
      y: 0.5,
      width: BOX_WIDTH - 1,
      height: height - 1,
      rx: 8,
    };
    return { height, content: [element('rect', frame), ...this.#content] };
  }
}

/** One card, or several empty cards of one kind. */
export function cardBox(alike: readonly CardView[]): Box {
  const box = new BoxContent();
  const [first] = alike;
  if (first === undefined) return box.box();
  const { card, lines, spent, groups } = first;
  box.text(
    fitText(alike.length === 1 ? first.title : `${alike.length} cards`, NAME_COLUMNS),
    'name',
  );
  if (alike.length > 1) box.items(alike.map(({ title }) => title));
  const shared = cardFacts(card).filter((fact) =>
    alike.every((each) => cardFacts(each.card).includes(fact)),
  );
  box.text(fitText(shared.join(', '), COLUMNS), 'soft');
  if (card.load !== undefined) box.bar(loadShapes(card.load), INNER);
  box.text(loadLabel(card));
  for (const line of lines) addTypes(box, line);
  if (spent.length > 0) {
    box.gap(6);
    for (const line of wrapItems(['none left:', ...withCommas(shortIds(spent))], COLUMNS)) {
      box.text(line, 'soft');
    }
  }
  addGroups(box, groups, card.parents.length > 1);
  return box.box();
}

/** Devices whose parent is not on the host. */
export function groupDevicesBox(title: string, groups: readonly GroupDevices[]): Box {
  const box = new BoxContent();
  box.text(title, 'name');
  addGroups(box, groups, true);
  return box.box();
}

/** All groups, and where their members are. */
export function groupsBox(groups: readonly GroupView[]): Box {
  const box = new BoxContent();
  box.text('Groups', 'name');
  for (const group of groups) {
    box.gap(6);
    const from = box.y;
    addTitle(box, group);
    const on = withCommas(group.cards);
    for (const line of wrapItems(
      [`${count(group.group.members.length, 'device')}:`, ...withCommas(group.types), 'on', ...on],
      COLUMNS - 2,
    )) {
      box.text(line, 'soft', 12);
    }
    box.mark(markClass(group), from);
  }
  return box.box();
}

function addTypes(box: BoxContent, line: TypeLine): void {
  box.gap(6);
  box.bar(typeShapes(line), TYPE_BAR, `${line.used} used, ${freeLabel(line)} free`);
  box.items(line.types.map(typeLabel), 'soft');
}

function addGroups(box: BoxContent, groups: readonly GroupDevices[], withParent: boolean): void {
  for (const group of groups) {
    box.gap(8);
    const from = box.y;
    addTitle(box, group);
    for (const { uuid, label, alias, active, parent } of group.devices) {
      const facts = [
        label,
        ...(withParent ? [`on ${parent}`] : []),
        ...(active ? [] : ['inactive']),
        ...(alias === undefined ? [] : [alias]),
      ];
      box.text(fitText(uuid, COLUMNS - 2), undefined, 12);
      for (const line of wrapItems(withCommas(facts), COLUMNS - 2)) box.text(line, 'soft', 12);
    }
    box.mark(markClass(group), from);
  }
}

function addTitle(box: BoxContent, { name, owner, open }: GroupLabel): void {
  const title = name ?? 'no group';
  const whose = owner === undefined ? title : `${title} → ${owner}`;
  box.text(fitText(open ? `${whose} (in use)` : whose, COLUMNS - 2), 'strong', 12);
}

function markClass({ number }: GroupLabel): string {
  return number === undefined ? 'mark' : markOf(number);
}
