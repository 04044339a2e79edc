/** One line of the table. */
export interface Row {
  readonly what: string;
  readonly figure: number;
  readonly unit: string;
  /** To what `to` names, measured in the same run by turns. */
  readonly ratio?: number | undefined;
  readonly to?: string | undefined;
  readonly aim?: Aim | undefined;
}

/** What a figure or a ratio should be at most, or at least. */
export interface Aim {
  readonly of: 'figure' | 'ratio';
  readonly most?: number;
  readonly least?: number;
}

/** A row for what this machine cannot measure. */
export const leftOut = (what: string, why: string): Row => ({
  what: `${what}: left out, ${why}`,
  figure: Number.NaN,
  unit: '',
});

/** How many of the rows' aims are met, and which are not. */
export function aimsText(rows: readonly Row[]): string {
  const aimed = rows.filter(({ aim }) => aim !== undefined);
  const missed = aimed.filter(({ aim, figure, ratio }) => aim && !isMet(aim, figure, ratio));
  const names = missed.map(({ what }) => what).join('; ');
  return `${aimed.length - missed.length} of ${aimed.length} aims are met${names === '' ? '' : `; missed: ${names}`}.\n`;
}

const HEAD = ['what', 'figure', 'unit', 'ratio', 'aim', 'met?'] as const;

/** All rows as one Markdown table, so that it can be read in a terminal and put into a document as it is. */
export function formatTable(rows: readonly Row[]): string {
  const lines = [HEAD, ...rows.map(cellsOf)];
  const widths = HEAD.map((_, column) =>
    Math.max(...lines.map((cells) => cells[column]?.length ?? 0)),
  );
  const [head = '', ...body] = lines.map((cells) => {
    const padded = cells.map((cell, column) =>
      NUMERIC.has(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
    );
    return `| ${padded.join(' | ')} |\n`;
  });
  const rule = widths.map((width, column) =>
    NUMERIC.has(column) ? `${'-'.repeat(width + 1)}:` : '-'.repeat(width + 2),
  );
  return `${head}|${rule.join('|')}|\n${body.join('')}`;
}

/** Columns that stand at the right. */
const NUMERIC: ReadonlySet<number> = new Set([1]);

function cellsOf({ what, figure, unit, ratio, to, aim }: Row): readonly string[] {
  return [
    what,
    rounded(figure),
    unit,
    ratio === undefined ? '' : `${ratio.toFixed(2)} × ${to ?? ''}`,
    aim === undefined ? '' : aimText(aim),
    aim === undefined ? '' : isMet(aim, figure, ratio) ? 'yes' : 'MISSED',
  ];
}

function aimText({ of, most, least }: Aim): string {
  const sign = of === 'ratio' ? ' ×' : '';
  return most === undefined ? `≥ ${grouped(least ?? 0)}${sign}` : `≤ ${grouped(most)}${sign}`;
}

function isMet({ of, most, least }: Aim, figure: number, ratio: number | undefined): boolean {
  const value = of === 'ratio' ? (ratio ?? Number.NaN) : figure;
  return (
    value <= (most ?? Number.POSITIVE_INFINITY) && value >= (least ?? Number.NEGATIVE_INFINITY)
  );
}

/** Three digits that matter. */
function rounded(value: number): string {
  if (Number.isNaN(value)) return '-';
  if (Math.abs(value) >= 100) return grouped(Math.round(value));
  return Math.abs(value) >= 10 ? value.toFixed(1) : value.toFixed(2);
}

const grouped = (value: number): string => value.toLocaleString('en-US');
