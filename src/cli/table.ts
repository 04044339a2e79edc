import type { GroupInfo } from '../engine/types.ts';

/**
 * Rows under headings in virsh's layout: a space before each line, three between columns, numbers as they come,
 * a line of dashes below the headings.
 */
export function formatTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    ` ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('   ')}`.trimEnd();
  const width = widths.reduce((sum, next) => sum + next + 3, 0);
  return [line(headings), '-'.repeat(width), ...rows.map(line)].map((text) => `${text}\n`).join('');
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
