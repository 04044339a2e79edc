import { pastMarkup } from './markup.ts';

/** A part of a text. `section` is a CDATA section; `note` a comment, a processing instruction or a declaration. */
export interface Token {
  readonly kind: 'open' | 'empty' | 'close' | 'text' | 'section' | 'note';
  readonly start: number;
  readonly end: number;
}

/** The parts of a text one after the other, from one of them on, up to markup that has no end. Linear. */
export function* tokens(text: string, from = 0): Generator<Token> {
  let past = from;
  for (let open = text.indexOf('<', from); ; open = text.indexOf('<', past)) {
    const end = open === -1 ? text.length : open;
    if (end > past) yield { kind: 'text', start: past, end };
    if (open === -1) return;
    past = pastMarkup(text, open);
    if (past > text.length) return;
    yield { kind: kindOf(text, open, past), start: open, end: past };
  }
}

function kindOf(text: string, open: number, past: number): Token['kind'] {
  const next = text[open + 1];
  if (next === '/') return 'close';
  if (text.startsWith('<![CDATA[', open)) return 'section';
  if (next === '!' || next === '?') return 'note';
  return text[past - 2] === '/' ? 'empty' : 'open';
}
