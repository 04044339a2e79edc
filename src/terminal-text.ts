const TAB_STOP = 8;
/** Characters that are written as escapes: they would control a terminal (escape sequences, text direction) or be invisible. */
const UNPRINTABLE = '\u{fffd}';

/**
 * Characters that are forbidden in names that users choose: control characters, those that change the direction of text,
 * line ends, and code points that are no characters.
 */
export const UNSAFE_IN_NAMES = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}\p{Cs}]/u;

/** The text in one cell of a terminal. */
export interface Cell {
  readonly text: string;
  /** The width in columns of the terminal. */
  readonly width: number;
}

/** A text of one line, with control characters as escapes. */
export function printable(text: string): string {
  return text.replaceAll(ALL_CONTROL, (character) =>
    character === '\n' ? String.raw`\n` : `\\u{${character.codePointAt(0)?.toString(16) ?? ''}}`,
  );
}

/** Control characters, text direction, what is not shown, and what ends a line. */
const CONTROL = String.raw`[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]`;
/** The same without the line feed. */
export const UNSAFE_IN_LINES = new RegExp(`(?!\\n)${CONTROL}`, 'gu');
const ALL_CONTROL = new RegExp(CONTROL, 'gu');
const STARTS_WITH_CONTROL = new RegExp(`^${CONTROL}`, 'u');

/** East Asian wide and fullwidth characters, by their scripts, and emoji (Unicode Standard Annex 11). */
const WIDE =
  /^(?![\uff61-\uffdc])[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{sc=Bopomofo}\p{sc=Yi}\p{Emoji_Presentation}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]|\ufe0f/u;

/**
 * A text in pieces: plain ones, in which each character is a grapheme, and others with the plain character that they may combine with.
 * These are short, since the time for the graphemes of a text grows with its square.
 */
const PIECES = /[\t\x20-\x7e]+(?![^\t\x20-\x7e])|[\t\x20-\x7e]?[^\t\x20-\x7e]{1,500}/gu;
const PLAIN_PIECE = /^[\t\x20-\x7e]+$/;
/** One column for each character. */
export const ASCII = /^[\x20-\x7e]*$/;

/** Made when it is needed first: that takes as long as loading the command. */
let graphemes: Intl.Segmenter | undefined;

function graphemesOf(text: string): readonly string[] {
  const found: string[] = [];
  for (const [piece] of text.matchAll(PIECES)) {
    if (PLAIN_PIECE.test(piece)) {
      for (const character of piece) found.push(character);
    } else {
      graphemes ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
      for (const { segment } of graphemes.segment(piece)) found.push(segment);
    }
  }
  return found;
}

/**
 * The cells of a text: each is a character with its combining characters.
 *
 * @param from the column of the text's first character, for tabs
 */
export function terminalCells(text: string, from = 0): readonly Cell[] {
  let column = from;
  return graphemesOf(text).map((segment) => {
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

/** The first cells that fit into so many columns. */
export function fittingCells(all: readonly Cell[], columns: number): readonly Cell[] {
  let width = 0;
  const end = all.findIndex((cell) => (width += cell.width) > columns);
  return end === -1 ? all : all.slice(0, end);
}

/** The width of cells in columns. */
export function cellsWidth(all: readonly Cell[]): number {
  return all.reduce((sum, { width }) => sum + width, 0);
}

/** The text of cells, printable. */
export function cellsText(all: readonly Cell[]): string {
  return all.map(({ text }) => text).join('');
}
