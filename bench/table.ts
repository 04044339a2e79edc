/** Measurements of the same job done in different ways, in one run. */
export interface Section {
  readonly title: string;
  /** The first is what the others are compared with. */
  readonly rows: readonly Row[];
}

export interface Row {
  readonly name: string;
  readonly milliseconds: number;
  /** The ratio to the first row that is aimed at. */
  readonly aim?: number | undefined;
}

/** A section as text: median, ratio to the first row, and the aim where there is one. */
export function formatSection({ title, rows }: Section): string {
  const base = rows[0]?.milliseconds ?? 1;
  const width = Math.max(...rows.map(({ name }) => name.length));
  const lines = rows.map(({ name, milliseconds, aim }) => {
    const ratio = milliseconds / base;
    const judged = aim === undefined ? '' : `   aim ${aim} ${ratio <= aim ? 'met' : 'MISSED'}`;
    return `  ${name.padEnd(width)} ${milliseconds.toFixed(1).padStart(9)} ms ${ratio.toFixed(2).padStart(7)}${judged}\n`;
  });
  return `${title}\n${lines.join('')}`;
}

/** The middle one; of an even number, the higher of the two. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
