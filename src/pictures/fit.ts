import { cellsText, cellsWidth, fittingCells, printable, terminalCells } from '../terminal-text.ts';

/** In columns of a terminal, or in characters of a monospaced font. */
export function textWidth(text: string): number {
  return cellsWidth(terminalCells(text));
}

/** The text as it can be shown, cut with a mark where it is too wide. */
export function fitText(text: string, columns: number, mark = '…'): string {
  const cells = terminalCells(printable(text));
  if (cellsWidth(cells) <= columns) return cellsText(cells);
  if (columns < mark.length) return '';
  return cellsText(fittingCells(cells, columns - mark.length)) + mark;
}

/** Items one after the other on as many lines as it takes; one that is wider than a line is cut. */
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

/** With commas between. */
export function withCommas(texts: readonly string[]): readonly string[] {
  return texts.map((text, index) => (index < texts.length - 1 ? `${text},` : text));
}
