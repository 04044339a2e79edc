import type { XmlAttribute, XmlElement, XmlNode } from './element.ts';
import { attributeSpans, pastName, pastNonTag } from './markup.ts';

/** What is at a place in a document that is being written, by the text before it. */
export interface UnfinishedPlace {
  /** The open elements, from the root on, each with its attributes and with the child elements before the place. */
  readonly path: readonly XmlElement[];
  /**
   * `content`: of the last element; `element`: its name, behind `<`, where the path does not have it yet; `attribute`: a name in
   * the start tag of the last element; `value`: of `attribute`; `end`: a name behind `</`. Undefined: a comment, or between.
   */
  readonly at: 'content' | 'element' | 'attribute' | 'value' | 'end' | undefined;
  /** The attribute whose value it is. */
  readonly attribute?: string | undefined;
  /** What is written of the name, value or text. */
  readonly written: string;
}

interface OpenElement {
  readonly kind: 'element';
  readonly name: string;
  readonly attributes: readonly XmlAttribute[];
  readonly children: XmlNode[];
}

/** Reads a text up to `offset`. What is not finished or not well-formed stops nothing. Linear. */
export function unfinishedPlace(text: string, offset: number): UnfinishedPlace {
  const before = text.slice(0, offset);
  const path: OpenElement[] = [];
  let past = 0;
  for (let open = before.indexOf('<'); open !== -1; open = before.indexOf('<', past)) {
    const end = pastNonTag(before, open) ?? pastTag(before, open);
    if (end > before.length) return inMarkup(before, open, path);
    if (before.startsWith('</', open))
      close(path, before.slice(open + 2, pastName(before, open + 2)));
    else if (!/^<[!?]/u.test(before.slice(open, open + 2))) {
      const element = elementAt(before, open);
      path.at(-1)?.children.push(element);
      if (before[end - 2] !== '/') path.push(element);
    }
    past = end;
  }
  return { path, at: 'content', written: before.slice(past).trimStart() };
}

/** The offset behind a tag. Another `<` ends one that is not finished. */
function pastTag(text: string, open: number): number {
  for (let at = open + 1; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '>') return at + 1;
    if (character === '<') return at;
    if (character !== '"' && character !== "'") continue;
    const closed = text.indexOf(character, at + 1);
    if (closed === -1) break;
    at = closed;
  }
  return Number.POSITIVE_INFINITY;
}

function close(path: OpenElement[], name: string): void {
  const index = path.findLastIndex((element) => element.name === name);
  if (index !== -1) path.length = index;
}

function elementAt(text: string, open: number): OpenElement {
  const attributes = attributeSpans(text, open).map(({ start, nameEnd, end }) => {
    const value = text.slice(text.indexOf('=', nameEnd) + 1, end).trim();
    return { name: text.slice(start, nameEnd), value: value.slice(1, -1) };
  });
  const name = text.slice(open + 1, pastName(text, open + 1));
  return { kind: 'element', name, attributes, children: [] };
}

/** A place in markup that has no end yet. */
function inMarkup(before: string, open: number, path: readonly OpenElement[]): UnfinishedPlace {
  const markup = before.slice(open);
  const end = /^<\/(\S*)$/u.exec(markup);
  if (end !== null) return { path, at: 'end', written: end[1] ?? '' };
  const name = /^<([^\s!?/>]*)$/u.exec(markup);
  if (name !== null) return { path, at: 'element', written: name[1] ?? '' };
  if (/^<[!?]/u.test(markup)) return { path, at: undefined, written: '' };
  const inside = [...path, elementAt(before, open)];
  const rest = before.slice(attributeSpans(before, open).at(-1)?.end ?? pastName(before, open + 1));
  const value = /^\s+([^\s=]+)\s*=\s*(?:"([^"]*)|'([^']*))$/u.exec(rest);
  if (value !== null) {
    const written = value[2] ?? value[3] ?? '';
    return { path: inside, at: 'value', attribute: value[1], written };
  }
  const attribute = /^\s+([^\s=]*)$/u.exec(rest);
  return {
    path: inside,
    at: attribute === null ? undefined : 'attribute',
    written: attribute?.[1] ?? '',
  };
}
