import * as nodeFs from 'node:fs';
import { dirname, join } from 'node:path';
import { randomUUID as randomUuid } from 'node:crypto';
import { NodedevError } from '../../errors.ts';
import { modeIn, withSpecialBits } from '../../host/shared-folder.ts';
import {
  type FileOperations,
  removeQuietly,
  syncDirectory,
  TEMPORARY,
  writeDurably,
} from '../store/durable-file.ts';
import { type Definition, formatDefinition } from './definition.ts';
import {
  checkRef,
  DEFINITIONS,
  definitionsFolder,
  findFile,
  isRealDirectory,
  listNames,
  type Place,
  stayInside,
} from './folder.ts';
import { alreadyDefined, changedMeanwhile, errnoOf, fileError, notDefined } from './problems.ts';
import { type DefinitionRef, readBytes, readSnapshot, type StoredDefinition } from './read.ts';

// A file is written under another name, synced, and only then gets its own name. So readers see the whole definition or
// none, even after a kill. `link` fails when the name exists, so of several defines exactly one succeeds. `rename`
// replaces: between the check and the rename, a program that takes no lock (mdevctl) can lose its change, but a file is
// never incomplete. Programs of this library hold the lock meanwhile. After an error the file may be there or not: the
// step that wrote it looks.

/**
 * Writes a new definition: 0644, in directories of 0755 made where missing.
 *
 * @throws NodedevError device-defined, definition-invalid, permission-denied, store-failed
 */
export function defineFile(
  root: string,
  ref: DefinitionRef,
  definition: Definition,
  io: FileOperations = nodeFs,
): void {
  restoreFile(root, ref, formatDefinition(definition), io);
}

/** As {@link defineFile}, but with exactly this text. */
export function restoreFile(
  root: string,
  ref: DefinitionRef,
  text: string | Uint8Array,
  io: FileOperations = nodeFs,
  place: Place = DEFINITIONS,
): void {
  checkRef(ref.parent, ref.uuid);
  if (findFile(root, ref.parent, ref.uuid, place) !== undefined)
    throw alreadyDefined(ref.parent, ref.uuid);
  const folder = makeFolder(root, place, io);
  const directory = join(folder, ref.parent);
  if (!isRealDirectory(directory)) makeDirectory(directory, io);
  placeNew(ref, join(directory, ref.uuid), text, io);
}

/** Writes a text to a new definition. Of several processes that try this, one succeeds. */
function placeNew(
  { parent, uuid }: DefinitionRef,
  path: string,
  text: string | Uint8Array,
  io: FileOperations,
): void {
  const directory = dirname(path);
  withTemporary(dirname(directory), text, io, (temporary) => {
    try {
      io.linkSync(temporary, path);
    } catch (error) {
      throw errnoOf(error) === 'EEXIST'
        ? alreadyDefined(parent, uuid)
        : fileError('write', path, error);
    }
    syncDirectory(directory, io);
  });
}

/**
 * Replaces a definition that was read before, if its file has not changed since.
 *
 * @throws NodedevError definition-changed, device-undefined, definition-invalid, permission-denied, store-failed
 */
export function updateFile(
  stored: StoredDefinition,
  text: string,
  io: FileOperations = nodeFs,
): void {
  const { path, snapshot } = stored;
  const directory = dirname(path);
  withTemporary(dirname(directory), text, io, (temporary) => {
    const now = readSnapshot(path);
    if (now === undefined) throw notDefined(stored.parent, stored.uuid);
    if (now.inode !== snapshot.inode || now.text !== snapshot.text) throw changedMeanwhile(path);
    try {
      io.renameSync(temporary, path);
    } catch (error) {
      throw fileError('write', path, error);
    }
    syncDirectory(directory, io);
  });
}

/**
 * Removes a definition, readable or not. The parent's directory stays, as with mdevctl.
 *
 * @throws NodedevError device-undefined, definition-invalid, permission-denied, store-failed
 */
export function undefineFile(
  root: string,
  ref: DefinitionRef,
  io: FileOperations = nodeFs,
  place?: Place,
): void {
  const path = findFile(root, ref.parent, ref.uuid, place);
  if (path === undefined) throw notDefined(ref.parent, ref.uuid);
  try {
    io.unlinkSync(path);
  } catch (error) {
    throw errnoOf(error) === 'ENOENT'
      ? notDefined(ref.parent, ref.uuid)
      : fileError('remove', path, error);
  }
  syncDirectory(dirname(path), io);
}

/** A function that returns a definition's bytes, or throws when it is unreadable. Such a file can still be removed. */
export function contentOf(
  root: string,
  { parent, uuid }: DefinitionRef,
  place?: Place,
): () => Uint8Array {
  try {
    const path = findFile(root, parent, uuid, place);
    const bytes = path === undefined ? undefined : readBytes(path)?.bytes;
    return () => bytes ?? new Uint8Array();
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

/** The folder of definitions below the root. It is created if missing, and each part is checked not to lead out of the root. */
function makeFolder(root: string, place: Place, io: FileOperations): string {
  let path = root;
  for (const name of place) {
    path = join(path, name);
    if (stayInside(root, path) === undefined) makeDirectory(path, io);
  }
  return path;
}

function makeDirectory(path: string, io: FileOperations): void {
  try {
    const mode = modeIn(dirname(path), 0o755);
    io.mkdirSync(path, mode);
    io.chmodSync(path, withSpecialBits(path, mode)); // whatever the umask
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return; // another process was faster
    throw fileError('make the directory', path, error);
  }
  syncDirectory(dirname(path), io);
}

/** Calls `use` with a synced temporary file that has the text, and removes it afterwards. */
function withTemporary(
  folder: string,
  text: string | Uint8Array,
  io: FileOperations,
  use: (path: string) => void,
): void {
  const path = join(folder, `${TEMPORARY}${process.pid}-${randomUuid()}`);
  try {
    writeDurably(path, text, 0o644, io);
    use(path);
  } catch (error) {
    throw error instanceof NodedevError ? error : fileError('write', path, error);
  } finally {
    removeQuietly(path, io);
  }
}

/**
 * Removes the temporary files of programs that were killed while writing. Only while the lock is held, when no other
 * process writes.
 */
export function sweepFolder(root: string, io: FileOperations = nodeFs, place?: Place): void {
  const folder = definitionsFolder(root, place);
  if (folder === undefined) return;
  for (const entry of listNames(folder)) {
    if (entry.isFile() && entry.name.startsWith(TEMPORARY))
      removeQuietly(join(folder, entry.name), io);
  }
}
