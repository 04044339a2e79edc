import type { GroupInfo } from '../engine/listed-device.ts';
import { cellsText, cellsWidth, fittingCells, terminalCells } from '../terminal-text.ts';

/** What a table has to fit into: a terminal that a person is looking at. */
export interface TableRoom {
  readonly columns: number;
  /** Stands for what is left out of a name: one column wide. */
  readonly mark: string;
}

/** A name is not made shorter than this: less says nothing. */
const SHORTEST = 8;
const SHORTEST_HEADING = 4;
/** Between two columns. */
const GAP = 3;
/** Cells with numbers, with and without words around them: a number without its end is another one. */
const WHOLE = /^(?:yes|no|unknown|-|(?:<=|at most )?\d+)$/u;

/**
 * Rows under headings in virsh's layout: a space before each line, three between columns, numbers as they come,
 * a line of dashes below the headings.
 *
 * @param room where names are shortened in their middle, the longest first; undefined: nothing is
 */
export function formatTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  room?: TableRoom,
): string {
  const columns = headings.map((heading, at) => [heading, ...rows.map((row) => row[at] ?? '')]);
  const full = columns.map((cells) => Math.max(...cells.map(widthOf)));
  const widths = room === undefined ? full : fittingWidths(columns, full, room.columns);
  const line = (cells: readonly string[]): string =>
    ` ${cells.map((cell, at) => padded(shortened(cell, widths[at] ?? 0, room), widths[at] ?? 0)).join(' '.repeat(GAP))}`.trimEnd();
  const width = widths.reduce((sum, next) => sum + next + GAP, 0);
  const dashes = '-'.repeat(Math.min(width, room?.columns ?? width));
  return [line(headings), dashes, ...rows.map(line)].map((text) => `${text}\n`).join('');
}

const widthOf = (text: string): number => cellsWidth(terminalCells(text));

const padded = (text: string, width: number): string =>
  text + ' '.repeat(Math.max(0, width - widthOf(text)));

/**
 * The widths of columns that fit: the widest one of names is made narrower until they do, then headings over short cells,
 * as far as that goes.
 */
function fittingWidths(
  columns: readonly (readonly string[])[],
  full: readonly number[],
  room: number,
): readonly number[] {
  const cellWidths = columns.map(([, ...cells]) => Math.max(...cells.map(widthOf), 0));
  const isWhole = columns.map(([, ...cells]) => cells.every((cell) => WHOLE.test(cell)));
  const least = [
    full.map((width, at) =>
      isWhole[at] === true ? width : Math.max(SHORTEST, columns[at]?.[0]?.length ?? 0),
    ),
    full.map((_, at) =>
      isWhole[at] === true ? Math.max(SHORTEST_HEADING, cellWidths[at] ?? 0) : SHORTEST,
    ),
  ];
  const widths = [...full];
  const total = (): number => widths.reduce((sum, next) => sum + next + GAP, 1 - GAP);
  for (const limits of least) {
    while (total() > room) {
      const spare = widths.map((width, at) => (width > (limits[at] ?? 0) ? width : 0));
      const widest = Math.max(...spare);
      if (widest === 0) break;
      widths[spare.indexOf(widest)] = widest - 1;
    }
  }
  return widths;
}

/** A name in so many columns: its beginning and its end, which tell names apart. Of a list whole parts, of a sentence words. */
function shortened(text: string, width: number, room: TableRoom | undefined): string {
  const cells = terminalCells(text);
  if (room === undefined || cellsWidth(cells) <= width) return text;
  const separator =
    text.split(', ').length > 2 ? ', ' : text.split(' ').length > 3 ? ' ' : undefined;
  if (separator !== undefined) {
    const parts = text.split(separator);
    const isTooWide = (): boolean => widthOf([...parts, room.mark].join(separator)) > width;
    while (parts.length > 0 && isTooWide()) parts.pop();
    return [...parts, room.mark].join(separator);
  }
  const start = fittingCells(cells, Math.floor((width - 1) / 2));
  const end = fittingCells(cells.toReversed(), width - 1 - cellsWidth(start));
  return cellsText(start) + room.mark + cellsText(end.toReversed());
}

/** Properties, one a line, in the form of `virsh nodedev-info`. */
export function formatFacts(facts: readonly (readonly [label: string, value: string])[]): string {
  return facts.map(([label, value]) => `${`${label}:`.padEnd(15)} ${value}\n`).join('');
}

/** A number; `-` if there is none. */
export function formatNumber(value: number | undefined): string {
  return value === undefined ? '-' : String(value);
}

/** @param value undefined: not known */
export function yesNo(value: boolean | undefined): 'yes' | 'no' | 'unknown' {
  return value === undefined ? 'unknown' : value ? 'yes' : 'no';
}

/** The owner of a group: `-` for none, `unknown` when only root may see the holders. */
export function ownerName({ owner, open }: GroupInfo): string {
  return owner?.name ?? (open === undefined ? 'unknown' : '-');
}
