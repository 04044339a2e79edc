import { cellsText, cellsWidth, fittingCells, terminalCells } from '../../terminal-text.ts';

/** Columns of a terminal an excerpt takes at most, without its line number. */
const WIDTH = 100;
/** Of these, at most so many are before the caret when the line is cut. */
const BEFORE = 60;
const CUT = '…';

/** A line of a document as a terminal can show it, and where in it the caret goes. */
export interface Excerpt {
  readonly line: string;
  /** Spaces up to the column, and the caret. */
  readonly caret: string;
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
  const before = terminalCells(line.slice(start, at), 0);
  const after = terminalCells(line.slice(at, at + 4 * WIDTH), cellsWidth(before));

  const isWhole = start === 0 && at + 4 * WIDTH >= line.length;
  if (isWhole && cellsWidth(before) + cellsWidth(after) <= WIDTH) {
    return { line: cellsText(before) + cellsText(after), caret: caretAt(cellsWidth(before)) };
  }
  const left = fittingCells(before.toReversed(), BEFORE).toReversed();
  const isCutLeft = start > 0 || left.length < before.length;
  const lead = isCutLeft ? CUT : '';
  const room = WIDTH - cellsWidth(left) - 2 * CUT.length;
  const right = fittingCells(after, room);
  const isCutRight = right.length < after.length || at + 4 * WIDTH < line.length;
  return {
    line: lead + cellsText(left) + cellsText(right) + (isCutRight ? CUT : ''),
    caret: caretAt(lead.length + cellsWidth(left)),
  };
}

function caretAt(column: number): string {
  return `${' '.repeat(column)}^`;
}
