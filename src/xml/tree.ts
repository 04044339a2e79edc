import { decodeAttribute, decodeText, normalizeLineEnds } from './characters.ts';
import type { XmlAttribute, XmlElement, XmlNode } from './element.ts';
import type { ElementSpan } from './element-spans.ts';
import { parseElementSpans } from './element-spans.ts';
import type { Span } from './scan.ts';
import type { XmlSource } from './source.ts';
import { LineTracker } from './source.ts';

/**
 * The tree of a well-formed document: fast-xml-parser finds where each element begins and ends, everything else
 * is read from the text itself, so that every value and every position is the source's own.
 *
 * @param instructions - spans of the processing instructions
 */
export function buildTree(source: XmlSource, instructions: readonly Span[]): XmlElement {
  return new TreeBuilder(source).element(parseElementSpans(source.text, instructions));
}

/** Walks the text and the parsed elements side by side, strictly forwards. */
class TreeBuilder {
  readonly #text: string;
  readonly #lines: LineTracker;

  constructor(source: XmlSource) {
    this.#text = source.text;
    this.#lines = new LineTracker(source);
  }

  element(span: ElementSpan): XmlElement {
    const text = this.#text;
    const { start, end } = span;
    const location = this.#lines.locate(start);
    const nameEnd = pastName(text, start + 1);
    const attributes: XmlAttribute[] = [];
    const children: XmlNode[] = [];
    let position = this.#attributes(nameEnd, attributes);
    if (text.charCodeAt(position) === GREATER) {
      position += 1;
      for (const child of span.children) {
        this.#content(position, child.start, children);
        children.push(this.element(child));
        position = child.end;
      }
      this.#content(position, text.lastIndexOf('<', end - 1), children);
    }
    return {
      kind: 'element',
      name: text.slice(start + 1, nameEnd),
      attributes,
      children,
      location,
      range: [start, end],
    };
  }

  /** Reads the attributes from behind the element's name; gives the offset of the `>` or `/>`. */
  #attributes(from: number, attributes: XmlAttribute[]): number {
    const text = this.#text;
    let position = pastSpace(text, from);
    while (text.charCodeAt(position) !== GREATER && text.charCodeAt(position) !== SLASH) {
      const start = position;
      const nameEnd = pastName(text, start);
      const open = pastSpace(text, pastSpace(text, nameEnd) + 1);
      const close = text.indexOf(text.charAt(open), open + 1);
      attributes.push({
        name: text.slice(start, nameEnd),
        value: decodeAttribute(text.slice(open + 1, close)),
        location: this.#lines.locate(start),
      });
      position = pastSpace(text, close + 1);
    }
    return position;
  }

  /** Reads what stands between two tags: text, CDATA sections, comments and processing instructions. */
  #content(from: number, to: number, children: XmlNode[]): void {
    const text = this.#text;
    if (from === to) return;
    if (text.indexOf('<', from) === to) {
      const location = this.#lines.locate(from);
      children.push({ kind: 'text', text: decodeText(text.slice(from, to)), location });
      return;
    }
    let run = '';
    let runStart = from;
    const endRun = (): void => {
      if (run !== '')
        children.push({ kind: 'text', text: run, location: this.#lines.locate(runStart) });
      run = '';
    };
    let position = from;
    while (position < to) {
      if (run === '') runStart = position;
      if (text.charCodeAt(position) !== LESS) {
        const next = text.indexOf('<', position);
        const end = next === -1 ? to : Math.min(next, to);
        run += decodeText(text.slice(position, end));
        position = end;
      } else if (text.startsWith('<![CDATA[', position)) {
        const end = text.indexOf(']]>', position);
        run += normalizeLineEnds(text.slice(position + 9, end));
        position = end + 3;
      } else if (text.startsWith('<!--', position)) {
        endRun();
        const end = text.indexOf('-->', position + 4);
        children.push({ kind: 'comment', text: normalizeLineEnds(text.slice(position + 4, end)) });
        position = end + 3;
      } else {
        endRun();
        const end = text.indexOf('?>', position);
        children.push(instructionOf(text.slice(position + 2, end)));
        position = end + 2;
      }
    }
    endRun();
  }
}

function instructionOf(content: string): XmlNode {
  const targetEnd = pastName(content, 0);
  return {
    kind: 'instruction',
    target: content.slice(0, targetEnd),
    text: normalizeLineEnds(content.slice(pastSpace(content, targetEnd))),
  };
}

const SLASH = 0x2f;
const LESS = 0x3c;
const EQUALS = 0x3d;
const GREATER = 0x3e;

/** XML's white space: space, tab, LF, CR. No other character under the space may stand in a document. */
function isSpace(code: number): boolean {
  return code <= 0x20;
}

function pastSpace(text: string, from: number): number {
  let position = from;
  while (isSpace(text.charCodeAt(position))) position += 1;
  return position;
}

function pastName(text: string, from: number): number {
  let position = from;
  while (position < text.length) {
    const code = text.charCodeAt(position);
    if (isSpace(code) || code === EQUALS || code === GREATER || code === SLASH) break;
    position += 1;
  }
  return position;
}
