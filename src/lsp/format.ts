import { NodedevError } from '../errors.ts';
import { attributeSpans } from '../xml/markup.ts';
import { readXml } from '../xml/read.ts';
import type { TextEdit } from '../xml/text-edits.ts';
import { type Token, tokens } from '../xml/tokens.ts';

const BREAK = /\r\n|\r|\n/gu;

/** An element whose end has not come, or the document around all. */
interface OpenElement {
  readonly depth: number;
  readonly keepsSpace: boolean;
  /** What stands between its tags and its children; white space, unless `isMixed`. */
  readonly gaps: Gap[];
  isMixed: boolean;
  hasElements: boolean;
}

interface Gap {
  readonly start: number;
  readonly end: number;
  readonly depth: number;
  readonly before: Token['kind'];
}

/**
 * What puts each element on a line of its own, as deep as it stands. Only white space between elements changes: text, CDATA sections,
 * mixed content and what has xml:space='preserve' stay, as do tags, comments and, up to one, empty lines.
 *
 * @param unit the white space for a level
 * @returns undefined: the text is no finished document
 */
export function formattingEdits(text: string, unit: string): readonly TextEdit[] | undefined {
  try {
    readXml(text);
  } catch (error) {
    if (error instanceof NodedevError) return undefined;
    throw error;
  }
  const edits: TextEdit[] = [];
  const [feed = '\n'] = text.match(BREAK) ?? [];
  const document = opened(0, false);
  const path: OpenElement[] = [document];
  const finish = (element: OpenElement): void => {
    if (element.isMixed || element.keepsSpace || !element.hasElements) return;
    for (const gap of element.gaps) edits.push(...reindented(text, gap, unit, feed));
  };
  let past = 0;
  for (const token of tokens(text)) {
    const parent = path.at(-1) ?? document;
    if (token.kind === 'text') {
      parent.isMixed ||= /[^ \t\r\n\uFEFF]/u.test(text.slice(token.start, token.end));
      continue;
    }
    const depth = token.kind === 'close' ? parent.depth - 1 : parent.depth;
    parent.gaps.push({ start: past, end: token.start, depth, before: token.kind });
    past = token.end;
    if (token.kind === 'section') parent.isMixed = true;
    else if (token.kind === 'close') finish(path.pop() ?? document);
    else if (token.kind !== 'note') parent.hasElements = true;
    if (token.kind === 'open') {
      path.push(opened(parent.depth + 1, xmlSpace(text, token) ?? parent.keepsSpace));
    }
  }
  document.gaps.shift();
  finish(document);
  return edits;
}

const opened = (depth: number, keeps: boolean): OpenElement => ({
  depth,
  keepsSpace: keeps,
  gaps: [],
  isMixed: false,
  hasElements: false,
});

/** What xml:space says; undefined: nothing, so it is as around. */
function xmlSpace(text: string, { start }: Token): boolean | undefined {
  const span = attributeSpans(text, start).find(
    (one) => text.slice(one.start, one.nameEnd) === 'xml:space',
  );
  return span && text.slice(span.nameEnd, span.end).includes('preserve');
}

function reindented(
  text: string,
  { start, end, depth, before }: Gap,
  unit: string,
  feed: string,
): readonly TextEdit[] {
  const written = text.slice(start, end);
  const breaks = written.match(BREAK) ?? [];
  // A comment stays behind what it is about.
  if (before === 'note' && breaks.length === 0) return [];
  const most = before === 'close' ? 1 : 2;
  const lines = breaks.length === 0 ? [feed] : breaks.slice(0, most);
  const put = lines.join('') + unit.repeat(depth);
  return put === written ? [] : [{ start, end, text: put }];
}
