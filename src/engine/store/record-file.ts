import * as nodeFs from 'node:fs';
import { MAX_OWN_FILE_BYTES, readToEnd } from '../../bounded-read.ts';
import { basename, dirname, join } from 'node:path';
import type * as v from 'valibot';
import { errnoOf, fileError } from '../definitions/problems.ts';
import { removeQuietly, syncDirectory, TEMPORARY, writeDurably } from './durable-file.ts';
import type { Changes, KvReader, Part, PreparedChanges } from './kv.ts';
import { checkOwnFolder, makeOwnFolder, notOurs } from './own-files.ts';
import { formatRecords, parseRecords } from './record-text.ts';
import { SortedMap } from './sorted-map.ts';
import { refuseOldForm } from './old-form.ts';

/**
 * How old a file has to be for its time to tell it from the next one, in milliseconds: the kernel's clock of files ticks
 * every 10 ms at most, and a number of an inode is used again at once.
 */
const SURE_MS = 50;

/** The content of a file in a certain state. */
interface Known<V> {
  readonly state: string;
  readonly text: string | undefined;
  readonly entries: SortedMap<V>;
}

/** The file of one kind of records. */
export interface RecordFileOptions<V> {
  readonly root: string;
  /** Below the root. */
  readonly path: string;
  readonly shape: v.GenericSchema<V>;
  /** The keys of a record. It is written once, under the first key. */
  readonly keysOf: (record: V) => readonly string[];
}

/**
 * A part of the store in a file of JSON, replaced as a whole: written under another name, synced, renamed, and its folder
 * synced. So it is complete or absent, and readers never wait. Damage by others is reported. Links are not followed.
 *
 * Below `run/` it is the same, although what stands there goes with the boot: a simulated host has its `run/` on a disk,
 * and after a power cut a file of which only the name had got there would be a damaged one. On a real host `run/` is
 * memory, where syncing costs nothing.
 */
export class RecordFile<V> implements Part<V> {
  readonly #options: RecordFileOptions<V>;
  readonly #file: string;
  #known: Known<V> | undefined;

  constructor(options: RecordFileOptions<V>) {
    this.#options = options;
    this.#file = join(options.root, options.path);
  }

  read(all: boolean): KvReader<V> {
    const state = stateOf(this.#file);
    if (state === undefined || this.#known?.state !== state) {
      this.#known = undefined; // in case reading fails
      this.#known = this.#load(all);
    }
    return this.#known.entries;
  }

  prepare(changes: Changes<V>): PreparedChanges {
    const file = this.#file;
    const before = this.#known?.text;
    const next = formatRecords(this.#recordsAfter(changes));
    let isRenamed = false;
    const temporary = join(dirname(file), `${TEMPORARY}${basename(file)}`);
    const write = (text: string): void => {
      try {
        removeQuietly(temporary); // it is from a killed process, since we hold the lock
        writeDurably(temporary, text, 0o644);
      } catch (error) {
        removeQuietly(temporary);
        throw fileError('write', file, error);
      }
    };
    const place = (): void => {
      this.#known = undefined;
      try {
        nodeFs.renameSync(temporary, file);
        isRenamed = true;
      } catch (error) {
        throw fileError('replace', file, error);
      }
      syncDirectory(dirname(file));
    };
    try {
      makeOwnFolder(dirname(file), 0o755);
    } catch (error) {
      throw fileError('make the directory of', file, error);
    }
    write(next);
    return {
      keep: place,
      undo: () => {
        if (!isRenamed) {
          removeQuietly(temporary);
        } else if (before === undefined) {
          nodeFs.unlinkSync(file);
          syncDirectory(dirname(file));
        } else {
          write(before);
          place();
        }
      },
    };
  }

  hiddenFile(): string | undefined {
    try {
      nodeFs.accessSync(this.#file, nodeFs.constants.R_OK);
      return undefined;
    } catch {
      return nodeFs.existsSync(this.#file) ? this.#file : undefined;
    }
  }

  /** Each record once, after the changes. */
  #recordsAfter(changes: Changes<V>): readonly V[] {
    const { keysOf } = this.#options;
    const entries = new Map([...(this.#known?.entries.range('') ?? []), ...changes]);
    return [...entries].flatMap(([key, record]) =>
      record !== undefined && keysOf(record)[0] === key ? [record] : [],
    );
  }

  #load(all: boolean): Known<V> {
    const { root, path, shape, keysOf } = this.#options;
    const entries = new SortedMap<V>();
    refuseOldForm(this.#file);
    const opened = readOwn(this.#file, all);
    if (opened !== undefined || all) checkOwnFolder(root, dirname(path));
    if (opened === undefined) return { state: UNKNOWN, text: undefined, entries };
    for (const record of parseRecords(opened.text, this.#file, shape)) {
      for (const key of keysOf(record)) entries.set(key, record);
    }
    return { ...opened, entries };
  }
}

/** A state that no file has. */
const UNKNOWN = '';

/** A text that changes with a file; undefined: there is no file, or it is too young to be sure. */
function stateOf(file: string): string | undefined {
  try {
    const status = nodeFs.lstatSync(file, { throwIfNoEntry: false });
    return status && stateOfStatus(status);
  } catch {
    return undefined; // reading it gives the error
  }
}

function stateOfStatus({ ino, mtimeMs, size }: nodeFs.Stats): string | undefined {
  const isSure = Date.now() - mtimeMs > SURE_MS;
  return isSure ? `${ino} ${mtimeMs} ${size}` : undefined;
}

/** Undefined: there is none, or this user may not read it and does not want to write it. */
function readOwn(
  file: string,
  all: boolean,
): { readonly state: string; readonly text: string } | undefined {
  try {
    const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = nodeFs.constants;
    const descriptor = nodeFs.openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    try {
      const status = nodeFs.fstatSync(descriptor);
      if (!status.isFile()) throw notOurs(file, 'not a regular file');
      const text = readToEnd(descriptor, MAX_OWN_FILE_BYTES).toString('utf8');
      return { state: stateOfStatus(status) ?? UNKNOWN, text };
    } finally {
      nodeFs.closeSync(descriptor);
    }
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'ENOENT' || (errno === 'EACCES' && !all)) return undefined;
    if (errno === 'ELOOP' || errno === 'ENXIO') throw notOurs(file, 'not a regular file');
    throw errno === undefined ? error : fileError('read', file, error);
  }
}
