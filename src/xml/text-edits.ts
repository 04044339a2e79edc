import { attributeSpans, pastMarkup, pastName } from './markup.ts';

// Edits of a text that is well-formed at least as far as they look at it. Every other character stays as it is.

/** What stands between two offsets (UTF-16 code units) is replaced. */
export interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The text after edits that do not overlap. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  return edits
    .toSorted((left, right) => right.start - left.start)
    .reduce(
      (rest, { start, end, text: put }) => rest.slice(0, start) + put + rest.slice(end),
      text,
    );
}

/** The blanks between the beginning of the line and `offset`; undefined when there is other text. */
export function indentBefore(text: string, offset: number): string | undefined {
  let begin = offset;
  while (begin > 0 && (text[begin - 1] === ' ' || text[begin - 1] === '\t')) begin--;
  return begin === 0 || text[begin - 1] === '\n' ? text.slice(begin, offset) : undefined;
}

/** Removes an element, with its lines where nothing else is on them. */
export function elementRemoval(text: string, start: number, end: number): TextEdit {
  const indent = indentBefore(text, start);
  const rest = /[ \t]*(?:\r?\n|$)/y;
  rest.lastIndex = end;
  const blank = rest.exec(text)?.[0];
  return indent === undefined || blank === undefined
    ? { start, end, text: '' }
    : { start: start - indent.length, end: end + blank.length, text: '' };
}

/** Removes an attribute of the start tag at `open`, with the blanks before it. */
export function attributeRemoval(text: string, open: number, name: string): TextEdit | undefined {
  const span = attributeSpan(text, open, name);
  if (span === undefined) return undefined;
  return { start: text.slice(0, span.start).trimEnd().length, end: span.end, text: '' };
}

/** Sets an attribute of the start tag at `open`, whose new value needs no escape. */
export function attributeSetting(
  text: string,
  open: number,
  name: string,
  value: string,
): TextEdit {
  const span = attributeSpan(text, open, name);
  const attribute = `${name}='${value}'`;
  if (span !== undefined) return { start: span.start, end: span.end, text: attribute };
  const at = attributeSpans(text, open).at(-1)?.end ?? pastName(text, open + 1);
  return { start: at, end: at, text: ` ${attribute}` };
}

function attributeSpan(
  text: string,
  open: number,
  name: string,
): ReturnType<typeof attributeSpans>[number] | undefined {
  return attributeSpans(text, open).find((one) => text.slice(one.start, one.nameEnd) === name);
}

/** The offset of the `<` of the end tag of the element at `open`; undefined: it has none. */
export function endTagOf(text: string, open: number): number | undefined {
  let depth = 0;
  for (let at = open; at !== -1; ) {
    const past = pastMarkup(text, at);
    if (past > text.length) return undefined;
    if (text.startsWith('</', at)) depth -= 1;
    else if (!/[!?]/u.test(text.charAt(at + 1)) && text[past - 2] !== '/') depth += 1;
    if (depth === 0) return at === open ? undefined : at;
    at = text.indexOf('<', past);
  }
  return undefined;
}
