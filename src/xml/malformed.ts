import type { NodedevError } from '../errors.ts';
import { isCharacter } from './characters.ts';
import { attributeSpans, pastMarkup, pastMisc, pastName, pastNonTag } from './markup.ts';
import type { XmlSource } from './source.ts';
import { LineTracker, sourceError } from './source.ts';

/** What the gate knew when it met the mistake. */
export interface Mistake {
  /** In saxes' words. */
  readonly reason: string;
  /** How far it had read. */
  readonly position: number;
  /** Offsets of the `<` of elements that were not closed. */
  readonly open: readonly number[];
  /** Where the root element ended, when it had. */
  readonly rootEnd: number | undefined;
  /** The element closed last, or that an end tag should have closed. */
  readonly closed: { readonly name: string; readonly start: number };
}

/** What is wrong, in libxml2's words, and where, counted back from how far saxes had read. */
const SENTENCES: ReadonlyMap<string, readonly [sentence: string, back: number]> = new Map([
  ['disallowed character in tag name', ['StartTag: invalid element name', 1]],
  ['disallowed character in tag name.', ['error parsing attribute name', 1]],
  ['forward-slash in opening tag not followed by >.', ['error parsing attribute name', 2]],
  ['unquoted attribute value.', ['AttValue: " or \' expected', 1]],
  ['no whitespace between attributes.', ['attributes construct error', 1]],
  ['the string "]]>" is disallowed in char data.', ["Sequence ']]>' not allowed in content", 3]],
  ['malformed comment.', ['Double hyphen within comment', 3]],
  ['disallowed character in closing tag.', ["expected '>'", 1]],
  ['processing instruction without a target.', ['xmlParsePI : no target name', 1]],
  [
    'disallowed character in processing instruction name.',
    ['ParsePI: PI without space behind its name', 1],
  ],
  [
    'an XML declaration must be at the start of the document.',
    ['XML declaration allowed only at the start of the document', 1],
  ],
  [
    'the XML declaration must appear at the start of the document.',
    ['XML declaration allowed only at the start of the document', 1],
  ],
]);

/** The error for a document that is not well-formed, in libxml2's words and place. */
export function malformed(source: XmlSource, mistake: Mistake): NodedevError {
  const [message, offset] = explain(source, mistake);
  return sourceError(source, 'xml-malformed', offset, message);
}

function explain(source: XmlSource, mistake: Mistake): readonly [message: string, offset: number] {
  const { text } = source;
  const { reason, position, open, rootEnd } = mistake;
  const known = SENTENCES.get(reason);
  if (known !== undefined) return [known[0], position - known[1]];
  switch (reason) {
    case 'unexpected close tag.':
      return [mismatch(source, mistake), position];
    case 'disallowed character.':
      return wrongCharacter(text, position - 1);
    case 'attribute without value.':
    case 'disallowed character in attribute name.':
      return wrongAttribute(text, position - 1, open.at(-1) ?? 0);
    case 'text data outside of root node.':
    case 'documents may contain only one root.':
    case 'inappropriately located doctype declaration.':
      return outside(text, position, rootEnd);
    case 'incorrect syntax.':
      // It has read seven characters behind the `<!`.
      return outside(text, position - 8, rootEnd);
    default:
  }
  if (reason.startsWith('unmatched closing tag')) return outside(text, position, rootEnd);
  if (reason.startsWith('duplicate attribute')) return duplicate(text, open.at(-1) ?? 0);
  const reference = wrongReference(text, position);
  if (reference !== undefined) return reference;
  if (position >= text.length) return unfinished(source, mistake);
  // What is left are mistakes of the XML declaration: at the name or value saxes has just read.
  const word = /[^\s"']*.$/.exec(text.slice(0, position))?.[0] ?? '';
  return [`Malformed declaration: ${reason}`, position - word.length];
}

function mismatch(source: XmlSource, { position, closed }: Mistake): string {
  const { text } = source;
  const start = text.lastIndexOf('</', position - 1) + 2;
  const name = text.slice(start, pastName(text, start));
  return `Opening and ending tag mismatch: ${closed.name} line ${lineOf(source, closed.start)} and ${name}`;
}

function wrongCharacter(text: string, offset: number): readonly [string, number] {
  if (text.charAt(offset) === '<')
    return ["Unescaped '<' not allowed in attributes values", offset];
  const code = text.charCodeAt(offset).toString(16).toUpperCase();
  return [`Invalid character: Char 0x${code} out of allowed range`, offset];
}

/** @param open - of the start tag */
function wrongAttribute(text: string, offset: number, open: number): readonly [string, number] {
  const end = attributeSpans(text, open).at(-1)?.end ?? pastName(text, open + 1);
  const name = text.slice(end, offset).trim();
  if (name !== '') return [`Specification mandates value for attribute ${name}`, offset];
  return [end === offset ? 'attributes construct error' : 'error parsing attribute name', offset];
}

/** Two attributes of one name; the place is behind the second, where libxml2 sees it. */
function duplicate(text: string, open: number): readonly [string, number] {
  const names = new Set<string>();
  for (const { start, nameEnd, end } of attributeSpans(text, open)) {
    const name = text.slice(start, nameEnd);
    if (names.has(name)) return [`Attribute ${name} redefined`, end];
    names.add(name);
  }
  return ['Attribute redefined', open];
}

/** Something before or behind the root that may only stand in it, or a `<!` that is no markup. */
function outside(
  text: string,
  position: number,
  rootEnd: number | undefined,
): readonly [string, number] {
  if (rootEnd !== undefined) {
    return ['Extra content at the end of the document', pastMisc(text, rootEnd)];
  }
  const start = pastMisc(text, 0);
  if (text.charAt(start) !== '<') return ["Start tag expected, '<' not found", start];
  return ['StartTag: invalid element name', text.lastIndexOf('<', position - 1) + 1];
}

/** A reference, or what looks like the beginning of one; longer names are none anyway. */
const REFERENCE = /&(?:(#x?)([^&;<'"]{0,100})|([^\s&;<'"]{0,100}))(;?)/y;

const PREDEFINED: ReadonlySet<string> = new Set(['lt', 'gt', 'amp', 'apos', 'quot']);

/** The first reference before `position` that is none. */
function wrongReference(text: string, position: number): readonly [string, number] | undefined {
  for (let offset = 0; offset < position; offset += 1) {
    const character = text.charAt(offset);
    // In comments, CDATA sections and processing instructions a `&` is a character.
    if (character === '<') offset = (pastNonTag(text, offset) ?? offset + 1) - 1;
    const found = character === '&' ? referenceMistake(text, offset) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

function referenceMistake(text: string, start: number): readonly [string, number] | undefined {
  REFERENCE.lastIndex = start;
  const [all, sign, digits = '', name = '', semicolon] = REFERENCE.exec(text) ?? [''];
  const end = start + all.length;
  if (sign !== undefined) {
    const isHex = sign === '#x';
    const isNumber = (isHex ? /^[\da-f]+$/i : /^\d+$/).test(digits) && semicolon === ';';
    const value = isNumber ? Number.parseInt(digits, isHex ? 16 : 10) : undefined;
    if (value !== undefined && isCharacter(value)) return undefined;
    return [`xmlParseCharRef: invalid xmlChar value ${value ?? `${sign}${digits}`}`, end];
  }
  if (name === '') return ['xmlParseEntityRef: no name', start + 1];
  if (semicolon === '') return ["EntityRef: expecting ';'", end];
  return PREDEFINED.has(name) ? undefined : [`Entity '${name}' not defined`, end];
}

/** The document ends too early. */
function unfinished(source: XmlSource, { open }: Mistake): readonly [string, number] {
  const { text } = source;
  const end = text.length;
  const start = lastMarkup(text);
  if (text.startsWith('<!--', start)) return ['Comment not terminated', end];
  if (text.startsWith('<![CDATA[', start)) return ['CData section not finished', end];
  if (text.startsWith('<?', start)) return ['ParsePI: PI never ends', end];
  if (start === end) {
    const last = open.at(-1);
    if (text === '') return ['Document is empty', 0];
    if (last === undefined) return ["Start tag expected, '<' not found", end];
    const name = text.slice(last + 1, pastName(text, last + 1));
    return [`Premature end of data in tag ${name} line ${lineOf(source, last)}`, end];
  }
  const name = text.slice(start + 1, pastName(text, start + 1));
  return [`Couldn't find end of Start Tag ${name} line ${lineOf(source, start)}`, end];
}

/** The offset of the `<` of markup that has no end, or the end of the text. */
function lastMarkup(text: string): number {
  let open = text.indexOf('<');
  for (;;) {
    if (open === -1) return text.length;
    const next = pastMarkup(text, open);
    if (next > text.length) return open;
    open = text.indexOf('<', next);
  }
}

function lineOf(source: XmlSource, offset: number): number {
  return new LineTracker(source).locate(offset).line;
}
