import {
  ASCII,
  cellsText,
  cellsWidth,
  fittingCells,
  printable,
  terminalCells,
} from '../terminal-text.ts';

/** The width of a text in columns of a terminal, which are characters of a monospaced font. */
export function textWidth(text: string): number {
  return ASCII.test(text) ? text.length : cellsWidth(terminalCells(text));
}

/** The text without control characters, cut and ended with `mark` where it is too wide. */
export function fitText(text: string, columns: number, mark = '…'): string {
  if (text.length <= columns && ASCII.test(text)) return text; // nearly all, and many
  const cells = terminalCells(printable(text));
  if (cellsWidth(cells) <= columns) return cellsText(cells);
  if (columns < mark.length) return '';
  return cellsText(fittingCells(cells, columns - mark.length)) + mark;
}

/** Items one after the other, on as many lines as they need. An item that is wider than a line is cut. */
export function wrapItems(items: readonly string[], columns: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const item of items.map((text) => fitText(text, columns))) {
    const longer = line === '' ? item : `${line} ${item}`;
    if (line !== '' && textWidth(longer) > columns) {
      lines.push(line);
      line = item;
    } else line = longer;
  }
  return line === '' ? lines : [...lines, line];
}

/** The texts, each but the last followed by a comma. */
export function withCommas(texts: readonly string[]): readonly string[] {
  return texts.map((text, index) => (index < texts.length - 1 ? `${text},` : text));
}
