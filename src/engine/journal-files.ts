import * as nodeFs from 'node:fs';
import { join } from 'node:path';
import { NodedevError } from '../errors.ts';
import { errnoOf, fileError } from './definitions/problems.ts';
import {
  type FileOperations,
  removeQuietly,
  syncDirectory,
  TEMPORARY,
  writeDurably,
} from './durable-file.ts';
import type { Journal, OpenEntry } from './journal.ts';
import { formatJournalEntry, MARKS, parseJournalEntry } from './parse-journal-entry.ts';

const SUFFIX = '.json';

/**
 * The journal in a folder, one file (0600) for each entry: written under another name, synced, renamed, and the
 * folder (0700) synced, so that an entry is there whole or not at all. Marks are appended. No link is followed.
 */
export function journalFiles(folder: string, io: FileOperations = nodeFs): Journal {
  const pathOf = (id: string): string => join(folder, id + SUFFIX);
  return {
    entries: () => namesIn(folder).map((name) => readEntry(join(folder, name))),

    write(entry) {
      makeFolder(folder, io);
      const temporary = join(folder, `${TEMPORARY}next`);
      removeQuietly(temporary, io); // a killed process's; the lock is ours
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

/** Sorted. A folder that is not there yet is empty. */
function namesIn(folder: string): readonly string[] {
  if (!isFolder(folder)) return [];
  try {
    return nodeFs
      .readdirSync(folder)
      .filter((name) => name.endsWith(SUFFIX) && !name.startsWith('.'))
      .toSorted();
  } catch (error) {
    throw fileError('list', folder, error);
  }
}

function makeFolder(folder: string, io: FileOperations): void {
  if (isFolder(folder)) return;
  try {
    io.mkdirSync(folder, 0o700);
  } catch (error) {
    throw fileError('make the directory', folder, error);
  }
  syncDirectory(join(folder, '..'), io);
}

/** Whether it is there. @throws NodedevError `store-failed` when a link or a file stands in its place */
function isFolder(folder: string): boolean {
  const status = nodeFs.lstatSync(folder, { throwIfNoEntry: false });
  if (status !== undefined && !status.isDirectory()) {
    throw new NodedevError('store-failed', `${folder} is not a directory`, {
      hint: 'nobody but virt-nodedev writes there: look what it is, then remove it',
    });
  }
  return status !== undefined;
}

function readEntry(path: string): OpenEntry {
  try {
    const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = nodeFs.constants;
    const descriptor = nodeFs.openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    try {
      return parseJournalEntry(nodeFs.readFileSync(descriptor, 'utf8'), path);
    } finally {
      nodeFs.closeSync(descriptor);
    }
  } catch (error) {
    throw error instanceof NodedevError ? error : fileError('read', path, error);
  }
}
