import { closeSync, existsSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { open } from 'lmdb';
import { sleep } from '../../host/sleep.ts';
import { makeOwnFile, makeOwnFolder, requireRoom, storeFailed } from './own-files.ts';
import type { Kv, KvReader, KvWriter } from './kv.ts';

/** What a new store begins with, in bytes. The library crashes the process when it cannot write them. */
const FIRST_PAGES = 8192;

/**
 * LMDB's table of readers, 126 and a head, in whole pages. LMDB would make it a file of holes and write it through
 * memory: on a full disk that ends the process (SIGBUS).
 */
const LOCK_SIZE = 3 * 4096;

/** LMDB's longest key with pages of 4 kB, in bytes; longer ones have no value, and looking for one throws. */
const isKey = (key: string): boolean => Buffer.byteLength(key) <= 1978;

/** LMDB's key order is by bytes: this is the first key after all that start with `prefix`, which ends in `/`. */
const endOf = (prefix: string): string => `${prefix.slice(0, -1)}0`;

/**
 * The store in one LMDB file. Readers never wait; LMDB's single write transaction is the lock between our
 * processes, and it is given back by the kernel when its holder dies.
 *
 * @param file below `run/` (active state) or `var/lib/` (persistent); it is made, mode 0644, and its directory, mode 0755.
 */
export function openLmdb<V>(file: string, options: { readonly readOnly: boolean }): Kv<V> {
  checkWhole(file);
  if (!options.readOnly) {
    makeOwnFolder(dirname(file), 0o755);
    makeOwnFile(file, 0o644, new Uint8Array());
    makeOwnFile(`${file}-lock`, 0o644, new Uint8Array(LOCK_SIZE));
    if (statSync(file).size === 0) requireRoom(dirname(file), FIRST_PAGES);
  }
  const database = open<V, string>({
    path: file,
    noSubdir: true,
    encoding: 'json',
    readOnly: options.readOnly,
    // A crash of the machine may lose the last writes of run/, never half of one.
    overlappingSync: false,
  });
  // What a damaged file makes the library throw is no defect of ours.
  const reading = <T>(look: () => T): T => {
    try {
      return look();
    } catch (error) {
      throw storeFailed('read', file, error);
    }
  };
  const reader: KvReader<V> = {
    get: (key) => (isKey(key) ? reading(() => database.get(key)) : undefined),
    range: (prefix) =>
      isKey(prefix)
        ? reading(() =>
            Array.from(
              database.getRange({ start: prefix, end: endOf(prefix) }),
              ({ key, value }): readonly [string, V] => [key, value],
            ),
          )
        : [],
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
    write(change) {
      // What `change` throws is thrown on; all else is a file that cannot be locked or written.
      const state = { isChanging: false };
      try {
        return database.transactionSync(() => {
          state.isChanging = true;
          const result = change(writer);
          state.isChanging = false;
          return result;
        });
      } catch (error) {
        throw state.isChanging ? error : storeFailed('write', file, error);
      }
    },
    close: () => database.close(),
  };
}

/** What every LMDB file has in its first two pages, behind the page's header (MDB_magic, little-endian). */
const MAGIC = Buffer.from([0xde, 0xc0, 0xef, 0xbe]);

/** Where `MDB_meta` of lmdb's mdb.c has what is looked at, from the magic on. */
const META = { pageSize: 24, roots: [64, 112], transaction: 128 } as const;

/** The root of a tree without entries. */
const NO_PAGE = 0xffff_ffff_ffff_ffffn;

/** How often a file that looks broken is looked at, and how long after another: it may just be made or written. */
const LOOKS = 6;
const LOOK_STEP_MS = 20;

/**
 * The library crashes the process on a file that is something else, or that ends too early: without both of its heads,
 * or without a root of the newer one. An empty file it makes a store of.
 */
function checkWhole(file: string): void {
  for (let look = 1; ; look++) {
    const flaw = existsSync(file) ? flawOf(file) : undefined;
    if (flaw === undefined) return;
    if (look === LOOKS) throw new Error(flaw);
    sleep(LOOK_STEP_MS);
  }
}

function flawOf(file: string): string | undefined {
  const descriptor = openSync(file, 'r');
  try {
    const first = headAt(descriptor, 0);
    const pageSize = first?.readUInt32LE(META.pageSize);
    const second = pageSize === undefined ? undefined : headAt(descriptor, pageSize);
    const { size } = fstatSync(descriptor); // after the heads, because the file may be growing
    if (size === 0) return undefined;
    if (first === undefined || pageSize === undefined) return 'it is no LMDB file';
    const pages = BigInt(Math.floor(size / pageSize));
    const isOld = second !== undefined && transactionOf(first) < transactionOf(second);
    const head = isOld ? second : first;
    const isWhole =
      second !== undefined &&
      META.roots
        .map((offset) => head.readBigUInt64LE(offset))
        .every((root) => root === NO_PAGE || root < pages);
    return isWhole ? undefined : 'it is no whole LMDB file';
  } finally {
    closeSync(descriptor);
  }
}

const transactionOf = (head: Buffer): bigint => head.readBigUInt64LE(META.transaction);

/** `MDB_meta` of the page at this place; undefined when there is none. */
function headAt(descriptor: number, place: number): Buffer | undefined {
  const page = Buffer.alloc(256);
  const length = readSync(descriptor, page, 0, page.length, place);
  const start = page.indexOf(MAGIC);
  return length < page.length || start === -1 || start > 64 ? undefined : page.subarray(start);
}
