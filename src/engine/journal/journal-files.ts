import * as nodeFs from 'node:fs';
import { join } from 'node:path';
import { MAX_OWN_FILE_BYTES, readFolder, readToEnd } from '../../bounded-read.ts';
import { NodedevError } from '../../errors.ts';
import { deniedHint, errnoOf, fileError } from '../definitions/problems.ts';
import {
  type FileOperations,
  removeQuietly,
  syncDirectory,
  TEMPORARY,
  writeDurably,
} from '../store/durable-file.ts';
import { checkOwnFolder, makeOwnFolder, notOurs } from '../store/own-files.ts';
import type { Journal, OpenEntry } from './journal.ts';
import { formatJournalEntry, MARKS, parseJournalEntry } from './parse-journal-entry.ts';

const SUFFIX = '.json';

/**
 * The journal in the folder at `place` below `root`, with one file (0600) for each entry. A file is written under another
 * name, synced and renamed, and the folder (0700) is synced, so that an entry is complete or absent. Marks are appended.
 * Links are not followed.
 */
export function journalFiles(root: string, place: string, io: FileOperations = nodeFs): Journal {
  const folder = join(root, place);
  const pathOf = (id: string): string => join(folder, id + SUFFIX);
  return {
    entries: () => namesIn(root, place).flatMap((name) => readEntry(join(folder, name)) ?? []),

    write(entry) {
      makeFolder(root, place, io);
      const temporary = join(folder, `${TEMPORARY}next`);
      removeQuietly(temporary, io); // it is from a killed process, since we hold the lock
      try {
        writeDurably(temporary, formatJournalEntry(entry), 0o600, io);
        io.renameSync(temporary, pathOf(entry.id));
      } catch (error) {
        removeQuietly(temporary, io);
        throw fileError('write', pathOf(entry.id), error);
      }
      syncDirectory(folder, io);
    },

    mark(id, what) {
      const path = pathOf(id);
      try {
        const { O_WRONLY, O_APPEND, O_NOFOLLOW } = nodeFs.constants;
        const descriptor = io.openSync(path, O_WRONLY | O_APPEND | O_NOFOLLOW);
        try {
          io.writeFileSync(descriptor, MARKS[what]);
        } finally {
          io.closeSync(descriptor);
        }
      } catch (error) {
        throw fileError('write', path, error);
      }
    },

    remove(id, { durably } = { durably: false }) {
      try {
        io.unlinkSync(pathOf(id));
      } catch (error) {
        if (errnoOf(error) === 'ENOENT') return; // the next process was faster
        throw fileError('remove', pathOf(id), error);
      }
      if (durably) syncDirectory(folder, io);
    },
  };
}

/** The names in a folder, sorted; none when it does not exist yet. */
function namesIn(root: string, path: string): readonly string[] {
  const folder = join(root, path);
  try {
    if (!checkOwnFolder(root, path)) return [];
    return readFolder(folder)
      .map(({ name }) => name)
      .filter((name) => name.endsWith(SUFFIX) && !name.startsWith('.'))
      .toSorted();
  } catch (error) {
    throw error instanceof NodedevError ? error : listError(folder, error);
  }
}

/** The error of reading the folder. Only its owner may read it and change devices. */
function listError(folder: string, cause: unknown): NodedevError {
  if (errnoOf(cause) !== 'EACCES') return fileError('list', folder, cause);
  return new NodedevError(
    'permission-denied',
    `this user may not change devices (EACCES ${folder})`,
    { hint: deniedHint(folder), cause },
  );
}

function makeFolder(root: string, path: string, io: FileOperations): void {
  const folder = join(root, path);
  try {
    if (!checkOwnFolder(root, path)) makeOwnFolder(folder, 0o700, io);
  } catch (error) {
    throw error instanceof NodedevError ? error : fileError('make the directory', folder, error);
  }
}

/** An entry; undefined when its operation was completed after the folder was read. */
function readEntry(path: string): OpenEntry | undefined {
  try {
    const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = nodeFs.constants;
    const descriptor = nodeFs.openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    try {
      return parseJournalEntry(readToEnd(descriptor, MAX_OWN_FILE_BYTES).toString('utf8'), path);
    } finally {
      nodeFs.closeSync(descriptor);
    }
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'ENOENT') return undefined;
    if (errno === 'ELOOP' || errno === 'EISDIR') throw notOurs(path, 'not a regular file');
    throw error instanceof NodedevError ? error : fileError('read', path, error);
  }
}
