/** Columns of a terminal an excerpt takes at most, without its line number. */
const WIDTH = 100;
/** Of these, at most so many are before the caret when the line is cut. */
const BEFORE = 60;
const TAB_STOP = 8;
const CUT = '…';
/** Shown for what a terminal would obey (escape sequences, text direction) or not show at all. */
const UNPRINTABLE = '\u{fffd}';

/** A line of a document as a terminal can show it, and where in it the caret goes. */
export interface Excerpt {
  readonly line: string;
  /** Spaces up to the column, and the caret. */
  readonly caret: string;
}

interface Cell {
  readonly text: string;
  /** In columns of the terminal. */
  readonly width: number;
}

/**
 * The part of a line around a column. Tabs become spaces; wide and combined characters count as a terminal counts
 * them; a line that is too long is cut on both sides.
 *
 * @param column from 1, in UTF-16 code units; past the end: the end
 */
export function excerpt(line: string, column: number): Excerpt {
  const at = Math.min(column - 1, line.length);
  // A line may be the whole of a large document: only what can be shown is looked at.
  const start = Math.max(0, at - 4 * WIDTH);
  const before = cells(line.slice(start, at), 0);
  const after = cells(line.slice(at, at + 4 * WIDTH), widthOf(before));

  const isWhole = start === 0 && at + 4 * WIDTH >= line.length;
  if (isWhole && widthOf(before) + widthOf(after) <= WIDTH) {
    return { line: textOf(before) + textOf(after), caret: caretAt(widthOf(before)) };
  }
  const left = takeFitting(before.toReversed(), BEFORE).toReversed();
  const isCutLeft = start > 0 || left.length < before.length;
  const lead = isCutLeft ? CUT : '';
  const room = WIDTH - widthOf(left) - 2 * CUT.length;
  const right = takeFitting(after, room);
  const isCutRight = right.length < after.length || at + 4 * WIDTH < line.length;
  return {
    line: lead + textOf(left) + textOf(right) + (isCutRight ? CUT : ''),
    caret: caretAt(lead.length + widthOf(left)),
  };
}

/** The text with what a terminal would obey written out, for messages that quote a document. */
export function printable(text: string): string {
  return text.replaceAll(new RegExp(CONTROL, 'gu'), (character) =>
    character === '\n' ? String.raw`\n` : `\\u{${character.codePointAt(0)?.toString(16) ?? ''}}`,
  );
}

const CONTROL = String.raw`[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]`;
const STARTS_WITH_CONTROL = new RegExp(`^${CONTROL}`, 'u');

/** East Asian wide and fullwidth characters, as far as scripts tell, and emoji (Unicode Standard Annex 11). */
const WIDE =
  /^(?![\uff61-\uffdc])[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{sc=Bopomofo}\p{sc=Yi}\p{Emoji_Presentation}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]|\ufe0f/u;

/** What needs no search for graphemes, which is slow. */
const PLAIN = /^[\t\x20-\x7e]*$/;

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** What stands in one place each: a character with all that combines with it. */
function cells(text: string, from: number): readonly Cell[] {
  const segments = PLAIN.test(text)
    ? text.split('')
    : Array.from(graphemes.segment(text), ({ segment }) => segment);
  let column = from;
  return segments.map((segment) => {
    const cell = cellOf(segment, column);
    column += cell.width;
    return cell;
  });
}

function cellOf(segment: string, column: number): Cell {
  if (segment === '\t') {
    const width = TAB_STOP - (column % TAB_STOP);
    return { text: ' '.repeat(width), width };
  }
  if (STARTS_WITH_CONTROL.test(segment)) return { text: UNPRINTABLE, width: 1 };
  return { text: segment, width: WIDE.test(segment) ? 2 : 1 };
}

/** As many cells from the start as fit. */
function takeFitting(all: readonly Cell[], columns: number): readonly Cell[] {
  let width = 0;
  const end = all.findIndex((cell) => (width += cell.width) > columns);
  return end === -1 ? all : all.slice(0, end);
}

function widthOf(all: readonly Cell[]): number {
  return all.reduce((sum, { width }) => sum + width, 0);
}

function textOf(all: readonly Cell[]): string {
  return all.map(({ text }) => text).join('');
}

function caretAt(column: number): string {
  return `${' '.repeat(column)}^`;
}
