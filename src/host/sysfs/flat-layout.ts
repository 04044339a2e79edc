import type { CardType } from '../../drivers/driver.ts';
import { compareIds } from '../../drivers/type-order.ts';
import {
  type HostDevice,
  HostError,
  type HostParent,
  type HostType,
  type Listing,
} from '../host.ts';
import { directoryName, isFileName, type Tree } from '../tree.ts';
import { readText } from './values.ts';
import type { WriteFile } from './framework.ts';
import { type MdevLayout, typeIdOf, typesPath } from './mdev-layout.ts';
import {
  AVAILABLE,
  DESCRIPTION,
  DEVICE_API,
  describe,
  readTable,
  type TypeTable,
} from './type-table.ts';

/** How many more devices of a type a parent takes, where the table does not say it; undefined: nobody knows. */
export type CountOf = (
  parent: HostParent,
  types: readonly CardType[],
  type: CardType,
) => number | undefined;

/** A type, and what its table calls it. */
interface Row {
  readonly own: string;
  readonly type: Omit<HostType, 'availableInstances'>;
  readonly available: string | undefined;
}

/** sysfs has a page for a file; a table of 4096 types is none. */
const LONGEST = 1 << 20;

/**
 * The layout of the series "Add Mediated device support", version 7 (2016): the parent's `mdev_supported_types` is one table,
 * `mdev_create` takes `UUID:params` and `mdev_destroy` a `UUID`; a device's `online` takes 1, which commits its resources,
 * and 0, which frees them. How params name the type is a driver's matter there: here, `COLUMN=ID` by the table's first
 * column. Nor does the series say how many are left, nor which type a device has: our column `available_instances`, and our
 * file `mdev_type`.
 */
export class FlatLayout implements MdevLayout {
  readonly #tree: Tree;
  readonly #countOf: CountOf;

  constructor(tree: Tree, countOf: CountOf) {
    this.#tree = tree;
    this.#countOf = countOf;
  }

  types(parent: HostParent): Listing<HostType> {
    const rows = this.#rows(parent, this.#table(parent));
    const all = rows.map(({ type }) => type);
    const items = rows.map((row) => ({
      ...row.type,
      availableInstances: this.#available(parent, all, row),
    }));
    return { items: items.toSorted((a, b) => compareIds(a.id, b.id)), unreadable: [] };
  }

  type(parent: HostParent, id: string): HostType | undefined {
    return this.types(parent).items.find((type) => type.id === id);
  }

  /** A device that is made can be used: it is brought online, and goes again when that is refused. */
  create(parent: HostParent, type: string, uuid: string, write: WriteFile): void {
    const table = this.#table(parent);
    const path = `${parent.path}/mdev_create`;
    const row = this.#rows(parent, table).find((each) => each.type.id === type);
    if (row === undefined) throw new HostError('ENOENT', path, { written: uuid });
    write(path, `${uuid}:${table.columns[0] ?? ''}=${row.own}`);
    try {
      // What follows a uuid does not count.
      write(`${parent.path}/${uuid.slice(0, 36).toLowerCase()}/online`, '1');
    } catch (error) {
      write(`${parent.path}/mdev_destroy`, uuid);
      throw error;
    }
  }

  remove(device: HostDevice, write: WriteFile): void {
    const path = `${directoryName(device.path)}/mdev_destroy`;
    // The series has EINVAL or ENODEV for it, as its version is.
    if (this.#tree.kind(device.path) === undefined) throw new HostError('ENOENT', path);
    write(path, device.ref.uuid);
  }

  #table(parent: HostParent): TypeTable {
    const path = typesPath(parent.path);
    const table = readTable(readText(this.#tree, path, LONGEST));
    if (table === undefined) throw new HostError('EBADMSG', path);
    return table;
  }

  #rows({ path }: HostParent, { columns, rows }: TypeTable): readonly Row[] {
    return rows.map((row) => {
      const cell = (name: string): string | undefined => row[columns.indexOf(name)] || undefined;
      const [own = '', name] = row;
      if (!isFileName(own)) throw new HostError('EBADMSG', typesPath(path));
      const items = columns
        .map((column, index) => [column, row[index] ?? ''] as const)
        .slice(2)
        .filter(([column]) => ![AVAILABLE, DEVICE_API, DESCRIPTION].includes(column));
      const type = {
        id: typeIdOf(this.#tree, path, own),
        name: name || undefined,
        deviceApi: cell(DEVICE_API) ?? 'vfio-pci',
        description: cell(DESCRIPTION) ?? describe(items),
      };
      return { own, type, available: cell(AVAILABLE) };
    });
  }

  #available(parent: HostParent, all: readonly CardType[], { type, available }: Row): number {
    const count = available === undefined ? this.#countOf(parent, all, type) : Number(available);
    if (count === undefined || !/^\d+$/.test(available ?? '0') || !Number.isSafeInteger(count)) {
      throw new HostError('EBADMSG', typesPath(parent.path));
    }
    return count;
  }
}
