import { dirname } from 'node:path';
import { makeFolder } from '../host/make-folder.ts';
import { open } from 'lmdb';
import type { Kv, KvReader, KvWriter } from './kv.ts';

/** LMDB's key order is by bytes: this is the first key after all that start with `prefix`, which ends in `/`. */
const endOf = (prefix: string): string => `${prefix.slice(0, -1)}0`;

/**
 * The store in one LMDB file. Readers never wait; LMDB's single write transaction is the lock between our
 * processes, and it is given back by the kernel when its holder dies.
 *
 * @param file below `run/` (active state) or `var/lib/` (persistent); its directory is made, mode 0755.
 */
export function openLmdb<V>(file: string, options: { readonly readOnly: boolean }): Kv<V> {
  if (!options.readOnly) makeFolder(dirname(file));
  const database = open<V, string>({
    path: file,
    noSubdir: true,
    encoding: 'json',
    readOnly: options.readOnly,
    // A crash of the machine may lose the last writes of run/, never half of one.
    overlappingSync: false,
  });
  const reader: KvReader<V> = {
    get: (key) => database.get(key),
    range: (prefix) =>
      database
        .getRange({ start: prefix, end: endOf(prefix) })
        .map(({ key, value }): readonly [string, V] => [key, value]),
  };
  const writer: KvWriter<V> = {
    ...reader,
    put: (key, value) => {
      database.putSync(key, value);
    },
    delete: (key) => {
      database.removeSync(key);
    },
  };
  return {
    read: (look) => look(reader),
    write: (change) => database.transactionSync(() => change(writer)),
    close: () => database.close(),
  };
}
