import { descriptionItems } from '../../drivers/description.ts';
import type { CardType, Driver } from '../../drivers/driver.ts';
import type { NamedValue } from '../../nodedev/device.ts';
import { HostError } from '../host.ts';
import { typeIdOf, typesPath } from '../sysfs/mdev-layout.ts';
import {
  AVAILABLE,
  describe,
  DESCRIPTION,
  DEVICE_API,
  formatTable,
  LAST_ITEM,
  readTable,
  type TypeTable,
} from '../sysfs/type-table.ts';
import type { Tree } from '../tree.ts';

type Item = readonly [name: string, value: string];

/** What a type is called in the table of a parent's driver: its id without what the core puts before it. */
const ownName = (id: string): string => /^[^-]+-([^-]+)$/.exec(id)?.[1] ?? id;

/** What the core keeps of a device's type, for its file `mdev_type`. */
export const flatType = (id: string): string => `${ownName(id)}\n`;

/**
 * The table of a card's types, without counts: the items of their descriptions are columns where all types have the same,
 * as in the thread's example.
 */
export function typeTable(
  { typeTable: names = ['type_id', 'name'] }: Driver,
  types: readonly CardType[],
): string {
  const isOther = types.some(({ deviceApi }) => deviceApi !== 'vfio-pci');
  const last = [...(isOther ? [DEVICE_API] : []), AVAILABLE];
  const items =
    itemsOf(types, [...names, DESCRIPTION, ...last]) ??
    types.map(({ description = '' }) => [[DESCRIPTION, description]] as const);
  const columns = [...names, ...(items[0] ?? []).map(([name]) => name), ...last];
  const rows = types.map(({ id, name = '', deviceApi }, index) => [
    ownName(id),
    name,
    ...(items[index] ?? []).map(([, value]) => value),
    ...(isOther ? [deviceApi] : []),
    '0',
  ]);
  return formatTable({ columns, rows });
}

/**
 * The items of each type's description; undefined where a table of them, beside the other columns, would not give the
 * descriptions back.
 */
function itemsOf(
  types: readonly CardType[],
  others: readonly string[],
): readonly (readonly Item[])[] | undefined {
  const all = types.map(({ description }) => inThreadOrder(descriptionItems(description)));
  const namesOf = (items: readonly Item[] = []): readonly string[] => items.map(([name]) => name);
  const names = namesOf(all[0]);
  const isLossless =
    new Set([...others, ...names]).size === others.length + names.length &&
    types.every(
      ({ description }, index) =>
        description === describe(all[index] ?? []) && namesOf(all[index]).join() === names.join(),
    );
  return isLossless ? all : undefined;
}

/** What the description ends with is the first column of the items. */
const inThreadOrder = (items: readonly NamedValue[]): readonly Item[] =>
  items
    .toSorted((a, b) => Number(b.name === LAST_ITEM) - Number(a.name === LAST_ITEM))
    .map(({ name, value }) => [name, value]);

/** The text of a table with the counts of types, by id. Other types keep theirs. */
export function withCounts(
  text: string,
  parentPath: string,
  tree: Tree,
  counts: ReadonlyMap<string, number>,
): string {
  const { columns, rows } = tableIn(text, parentPath);
  const at = columns.indexOf(AVAILABLE);
  return formatTable({
    columns,
    rows: rows.map((row) => {
      const count = counts.get(typeIdOf(tree, parentPath, row[0] ?? ''));
      return count === undefined ? row : row.with(at, `${count}`);
    }),
  });
}

/** The table that a text is. */
export function tableIn(text: string, parentPath: string): TypeTable {
  const table = readTable(text);
  if (table === undefined) throw new HostError('EBADMSG', typesPath(parentPath));
  return table;
}
