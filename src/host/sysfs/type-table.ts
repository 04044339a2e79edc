/**
 * A table of types as one text: the file `mdev_supported_types` of the series of 2016 (v7). The first line begins with a `#`
 * and names the columns; a cell may be in quotes, which are doubled in it, and blanks around a cell do not count.
 */
export interface TypeTable {
  readonly columns: readonly string[];
  /** Each has a cell for every column. */
  readonly rows: readonly (readonly string[])[];
}

/** The columns that are no items of a description. Of the first two, type's id and name, each driver has its own names. */
export const AVAILABLE = 'available_instances';
export const DEVICE_API = 'device_api';
export const DESCRIPTION = 'description';

/** Undefined for a text in another form. */
export function readTable(text: string): TypeTable | undefined {
  const [first, ...rest] = recordsOf(text.trim());
  const [name] = first ?? [];
  if (first === undefined || name?.startsWith('#') !== true) return undefined;
  const columns = [name.slice(1).trim(), ...first.slice(1)];
  const rows = rest.filter((row) => row.length > 1 || row[0] !== '');
  const isTable =
    columns.length > 1 &&
    new Set(columns).size === columns.length &&
    rows.every((row) => row.length === columns.length);
  return isTable ? { columns, rows } : undefined;
}

/** The text of a table, in the form of the thread's example: the name is in quotes, and so is what could not be read back else. */
export function formatTable({ columns, rows }: TypeTable): string {
  const lines = rows.map((row) =>
    row
      .map((cell, index) => (index === 1 || !/^[\w.+-]*$/.test(cell) ? quoted(cell) : cell))
      .join(', '),
  );
  return [`# ${columns.join(', ')}`, ...lines].map((line) => `${line}\n`).join('');
}

const quoted = (cell: string): string => `"${cell.replaceAll('"', '""')}"`;

/** A cell, and whether it ends its line; what follows it is matched next. */
const CELL = /[^\S\n]*(?:"((?:[^"]|"")*)"[^\S\n]*|([^",\n]*))(,|\n|$)/y;

/** No records when a quote is not where it can be. */
function recordsOf(text: string): readonly (readonly string[])[] {
  const records: string[][] = [[]];
  for (let at = 0; ; at = CELL.lastIndex) {
    CELL.lastIndex = at;
    const [all, inQuotes, plain = '', end] = CELL.exec(text) ?? [];
    if (all === undefined) return [];
    records.at(-1)?.push(inQuotes?.replaceAll('""', '"') ?? plain.trim());
    if (end === '') return records;
    if (end === '\n') records.push([]);
  }
}

/** What a type's description is in a table: `key=value` items are columns, and `max_instance` is the last of them. */
export const LAST_ITEM = 'max_instance';

/** The description that a row's own columns make. */
export function describe(items: readonly (readonly [string, string])[]): string | undefined {
  const told = items.filter(([, value]) => value !== '');
  const last = ([name]: readonly [string, string]): number => (name === LAST_ITEM ? 1 : 0);
  const inOrder = told.toSorted((a, b) => last(a) - last(b));
  return told.length === 0
    ? undefined
    : inOrder.map(([name, value]) => `${name}=${value}`).join(', ');
}
