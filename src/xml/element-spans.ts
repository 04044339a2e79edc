import { XMLParser } from 'fast-xml-parser';
import { MAX_DEPTH } from './scan.ts';
import type { Span } from './scan.ts';

/** Where an element stands in the text, from its `<` to past its last `>`, and the elements inside it. */
export interface ElementSpan {
  readonly start: number;
  readonly end: number;
  readonly children: readonly ElementSpan[];
}

/**
 * All elements get one name, since fast-xml-parser refuses `constructor` and `__proto__`, and cuts names at
 * characters that JavaScript counts as white space and XML does not. It tells an empty element by the slash
 * behind the name. Attributes and text are read from the source: it gives no positions for them.
 */
const parser = new XMLParser({
  preserveOrder: true,
  captureMetaData: true,
  transformTagName: (name) => (name.endsWith('/') ? 'element/' : 'element'),
  ignoreAttributes: true,
  parseTagValue: false,
  trimValues: false,
  processEntities: false,
  maxNestedTags: MAX_DEPTH,
  jPath: false,
});

const METADATA = XMLParser.getMetaDataSymbol().valueOf();

/**
 * Where the elements of a well-formed document stand; the root's span.
 *
 * @param instructions - spans of the processing instructions, kept from fast-xml-parser: it looks for quotes in
 * them and would read on past their end.
 */
export function parseElementSpans(text: string, instructions: readonly Span[]): ElementSpan {
  const parsed: unknown = parser.parse(blankOut(text, instructions));
  const [root] = elementsAmong(parsed);
  if (root === undefined) throw new Error('no element found in a well-formed document');
  return root;
}

/** The elements in a list of fast-xml-parser's: `{element: children}` with the positions under a symbol. */
function elementsAmong(nodes: unknown): ElementSpan[] {
  const spans: ElementSpan[] = [];
  if (!Array.isArray(nodes)) return spans;
  for (const node of nodes as readonly unknown[]) {
    if (!isParsedElement(node)) continue;
    const metadata: unknown = Reflect.get(node, METADATA);
    if (!isMetadata(metadata)) throw new Error('fast-xml-parser gave an element no position');
    const { startIndex: start, endIndex: end } = metadata;
    spans.push({ start, end, children: elementsAmong(node.element) });
  }
  return spans;
}

function isParsedElement(node: unknown): node is { readonly element: unknown } {
  return typeof node === 'object' && node !== null && 'element' in node;
}

function isMetadata(
  value: unknown,
): value is { readonly startIndex: number; readonly endIndex: number } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'startIndex' in value &&
    typeof value.startIndex === 'number' &&
    'endIndex' in value &&
    typeof value.endIndex === 'number'
  );
}

/** Replaces spans by as many spaces. */
function blankOut(text: string, spans: readonly Span[]): string {
  if (spans.length === 0) return text;
  const parts: string[] = [];
  let last = 0;
  for (const [start, end] of spans) {
    parts.push(text.slice(last, start), ' '.repeat(end - start));
    last = end;
  }
  parts.push(text.slice(last));
  return parts.join('');
}
