/** Offsets in a text that is well-formed at least as far as it is looked at. All of it is linear, without recursion. */

/** XML's white space: space, tab, LF, CR. No other character under the space may stand in a document. */
function isSpace(code: number): boolean {
  return code <= 0x20;
}

export function pastSpace(text: string, from: number): number {
  let offset = from;
  while (isSpace(text.charCodeAt(offset))) offset += 1;
  return offset;
}

/** The offset behind a name: white space, `=`, `/`, `>` and `?` end it. */
export function pastName(text: string, from: number): number {
  let offset = from;
  while (offset < text.length) {
    const code = text.charCodeAt(offset);
    if (isSpace(code) || NAME_ENDS.has(code)) break;
    offset += 1;
  }
  return offset;
}

const GREATER = 0x3e;
const QUOTES: ReadonlySet<number> = new Set([0x22, 0x27]);
const NAME_ENDS: ReadonlySet<number> = new Set([0x2f, 0x3d, GREATER, 0x3f]);

/** Markup that is no tag, and how it ends. */
const ENDS = [
  ['<!--', '-->'],
  ['<![CDATA[', ']]>'],
  ['<?', '?>'],
] as const;

/** The offset behind the comment, CDATA section or processing instruction at `open`; undefined for a tag. */
export function pastNonTag(text: string, open: number): number | undefined {
  for (const [start, end] of ENDS) {
    if (!text.startsWith(start, open)) continue;
    const index = text.indexOf(end, open + start.length);
    return index === -1 ? Number.POSITIVE_INFINITY : index + end.length;
  }
  return undefined;
}

/** The offset behind the markup whose `<` is at `open`; infinite for markup without an end. */
export function pastMarkup(text: string, open: number): number {
  const known = pastNonTag(text, open);
  if (known !== undefined) return known;
  for (let offset = open + 1; offset < text.length; offset += 1) {
    const code = text.charCodeAt(offset);
    if (code === GREATER) return offset + 1;
    if (!QUOTES.has(code)) continue;
    offset = text.indexOf(text.charAt(offset), offset + 1);
    if (offset === -1) break;
  }
  return Number.POSITIVE_INFINITY;
}

/** The offset of the first character from `from` on that may not stand outside the root element. */
export function pastMisc(text: string, from: number): number {
  let offset = from === 0 && text.startsWith('\uFEFF') ? 1 : from;
  for (;;) {
    offset = pastSpace(text, offset);
    if (text.startsWith('<![', offset)) return offset;
    const next = pastNonTag(text, offset);
    if (next === undefined || next > text.length) return offset;
    offset = next;
  }
}

/**
 * The name of the root element of a text that need not be XML: that of its DOCTYPE or its first start tag. Undefined when
 * neither is there.
 */
export function rootName(text: string): string | undefined {
  const rest = text.slice(pastMisc(text, 0));
  return /^<(?:!DOCTYPE[ \t\r\n]+)?([^\s<>/=?![\]]+)/u.exec(rest)?.[1];
}

/** The comments of a text that is well-formed at least as far as they are looked for, with the offsets of their `<`. */
export function* comments(text: string): Generator<readonly [offset: number, comment: string]> {
  for (let open = text.indexOf('<'); open !== -1; ) {
    const next = pastMarkup(text, open);
    if (text.startsWith('<!--', open)) yield [open, text.slice(open + 4, next - 3)];
    open = next > text.length ? -1 : text.indexOf('<', next);
  }
}

/** An attribute's name stands from `start` to `nameEnd`; its value, quotes included, ends at `end`. */
export interface AttributeSpan {
  readonly start: number;
  readonly nameEnd: number;
  readonly end: number;
}

/** The attributes of the start tag at `open`, up to the first that is none. */
export function attributeSpans(text: string, open: number): readonly AttributeSpan[] {
  const spans: AttributeSpan[] = [];
  let offset = pastName(text, open + 1);
  for (;;) {
    const start = pastSpace(text, offset);
    const nameEnd = pastName(text, start);
    const equals = pastSpace(text, nameEnd);
    if (nameEnd === start || text.charAt(equals) !== '=') return spans;
    const quote = pastSpace(text, equals + 1);
    if (!QUOTES.has(text.charCodeAt(quote))) return spans;
    const close = text.indexOf(text.charAt(quote), quote + 1);
    if (close === -1) return spans;
    offset = close + 1;
    spans.push({ start, nameEnd, end: offset });
  }
}
