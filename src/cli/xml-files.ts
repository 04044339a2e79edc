import { isUtf8 } from 'node:buffer';
import { opendir, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { FileError, UsageError } from './failures.ts';
import { type InputFile, sourceName, STANDARD } from './files.ts';
import type { Io } from './io.ts';
import * as messages from './messages.ts';

/** Limits: the depth of folders, and the number of entries in all folders. */
const MAX_DEPTH = 64;
const MAX_ENTRIES = 1_000_000;

/**
 * The files of these names, each once. A directory stands for all `*.xml` in it and below it, sorted. Links inside a
 * directory are not followed, so that there are no cycles and no file is found twice.
 *
 * @throws FileError for what cannot be opened, and for more than a million entries; UsageError for a directory without
 * any such file
 */
export async function xmlFiles(
  io: Pick<Io, 'cwd'>,
  names: readonly string[],
  maxEntries = MAX_ENTRIES,
): Promise<readonly InputFile[]> {
  const files = new Map<string, InputFile>();
  let seen = 0;
  const count = (folder: string): void => {
    seen += 1;
    if (seen > maxEntries) failed(folder)(new Error(messages.tooManyEntries(maxEntries)));
  };
  for (const name of names) {
    for (const [path, file] of await filesOf(io, name, count)) {
      if (!files.has(path)) files.set(path, file);
    }
  }
  return [...files.values()];
}

/** A file with its path, one character a byte. Two names of the same file have the same path. */
type Found = readonly [path: string, file: InputFile];

type Counter = (folder: string) => void;

async function filesOf(
  io: Pick<Io, 'cwd'>,
  name: string,
  count: Counter,
): Promise<readonly Found[]> {
  if (name === STANDARD) return [[name, name]];
  const path = Buffer.from(resolve(io.cwd, name)).toString('latin1');
  const status = await stat(resolve(io.cwd, name)).catch(failed(name));
  if (!status.isDirectory()) return [[path, name]];
  const found = await filesBelow({ path, name: name.replace(/(?<=.)\/+$/, '') }, 0, count);
  if (found.length === 0) throw new UsageError(messages.noXmlFiles(name));
  return found.toSorted(([, a], [, b]) => (sourceName(a) < sourceName(b) ? -1 : 1));
}

/** A directory: its path, one character a byte, and its name in messages. */
interface Folder {
  readonly path: string;
  readonly name: string;
}

async function filesBelow(folder: Folder, depth: number, count: Counter): Promise<Found[]> {
  if (depth > MAX_DEPTH) failed(folder.name)(new Error(messages.nestedTooDeep(MAX_DEPTH)));
  const found: Found[] = [];
  const below: Folder[] = [];
  try {
    // A name need not be UTF-8, so each byte is a character here.
    const entries = await opendir(Buffer.from(folder.path, 'latin1'), { encoding: 'latin1' });
    for await (const entry of entries) {
      count(folder.name);
      const bytes = Buffer.from(entry.name, 'latin1');
      const path = childOf(folder.path, entry.name);
      const name = childOf(folder.name, bytes.toString('utf8'));
      if (entry.isDirectory()) below.push({ path, name });
      else if (entry.isFile() && entry.name.endsWith('.xml')) {
        const full = Buffer.from(path, 'latin1');
        found.push([path, isUtf8(full) ? name : { name, path: full }]);
      }
    }
  } catch (error) {
    if (error instanceof FileError || !(error instanceof Error)) throw error;
    failed(folder.name)(error);
  }
  for (const each of below) found.push(...(await filesBelow(each, depth + 1, count)));
  return found;
}

const childOf = (folder: string, name: string): string =>
  folder === '/' ? `/${name}` : `${folder}/${name}`;

function failed(name: string): (error: NodeJS.ErrnoException) => never {
  return (error) => {
    throw new FileError('open', name, error);
  };
}
