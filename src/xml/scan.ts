import type { NodedevError } from '../errors.ts';
import type { XmlSource } from './source.ts';
import { sourceError } from './source.ts';

/** Elements may stand inside each other this deep. libvirt's own documents stay under 20. */
export const MAX_DEPTH = 100;

/**
 * Elements, attributes, comments and processing instructions a document may have: its tree then stays under about
 * half a gigabyte, whatever the document says. 16 MiB of real devices have fewer.
 */
export const MAX_NODES = 500_000;

/** Start and end offsets of a stretch of text. */
export type Span = readonly [start: number, end: number];

/**
 * Looks over the markup before any parser does, in one pass without recursion, so that hostile documents cost
 * no more than reading them. Not a check of well-formedness: it stops at what it does not understand, and
 * libxml2 refuses that.
 *
 * @returns the spans of the processing instructions, the XML declaration among them
 * @throws NodedevError `xml-doctype`, `xml-too-deep`, `xml-too-large`
 */
export function scanMarkup(source: XmlSource): readonly Span[] {
  const { text } = source;
  const instructions: Span[] = [];
  let depth = 0;
  let nodes = 0;
  let hasElement = false;
  let next = 0;
  for (let open = text.indexOf('<'); open !== -1; open = text.indexOf('<', next)) {
    const code = text.charCodeAt(open + 1);
    if (code === SLASH) {
      depth -= 1;
      next = pastEnd(text, '>', open);
    } else if (code === QUESTION) {
      nodes += 1;
      next = pastEnd(text, '?>', open + 2);
      if (next !== -1) instructions.push([open, next]);
    } else if (code === EXCLAMATION) {
      nodes += 1;
      if (!hasElement && text.startsWith('<!DOCTYPE', open)) throw doctypeError(source, open);
      next = pastDeclaration(text, open);
    } else {
      hasElement = true;
      const tag = scanStartTag(text, open + 1);
      next = tag.end;
      nodes += 1 + tag.attributes;
      if (depth >= MAX_DEPTH) {
        const message = `Elements are nested more than ${MAX_DEPTH} deep`;
        throw sourceError(source, 'xml-too-deep', open, message);
      }
      if (!tag.isEmpty) depth += 1;
    }
    if (nodes > MAX_NODES) {
      const message = `Document has more than ${MAX_NODES} elements and attributes`;
      throw sourceError(source, 'xml-too-large', open, message, { hint: 'split it' });
    }
    if (next === -1) break;
  }
  return instructions;
}

const DOUBLE_QUOTE = 0x22;
const SINGLE_QUOTE = 0x27;
const SLASH = 0x2f;
const GREATER = 0x3e;
const QUESTION = 0x3f;
const EXCLAMATION = 0x21;

function doctypeError(source: XmlSource, offset: number): NodedevError {
  return sourceError(source, 'xml-doctype', offset, 'Document type declarations are not read', {
    hint: 'remove the <!DOCTYPE …>; write characters instead of entities',
  });
}

/** Past a comment or a CDATA section; -1 for one without an end and for any other declaration. */
function pastDeclaration(text: string, open: number): number {
  if (text.startsWith('<!--', open)) return pastEnd(text, '-->', open + 4);
  if (text.startsWith('<![CDATA[', open)) return pastEnd(text, ']]>', open + 9);
  return -1;
}

function pastEnd(text: string, end: string, from: number): number {
  const index = text.indexOf(end, from);
  return index === -1 ? -1 : index + end.length;
}

interface StartTag {
  /** Past the `>`; -1 when there is none. */
  readonly end: number;
  readonly attributes: number;
  readonly isEmpty: boolean;
}

/** Finds the `>` that is not inside an attribute's value. */
function scanStartTag(text: string, from: number): StartTag {
  let attributes = 0;
  for (let index = from; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === GREATER) {
      return { end: index + 1, attributes, isEmpty: text.charCodeAt(index - 1) === SLASH };
    }
    if (code === DOUBLE_QUOTE || code === SINGLE_QUOTE) {
      index = text.indexOf(code === DOUBLE_QUOTE ? '"' : "'", index + 1);
      if (index === -1) break;
      attributes += 1;
    }
  }
  return { end: -1, attributes, isEmpty: false };
}
