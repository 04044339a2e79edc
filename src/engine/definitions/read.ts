import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { readToEnd, tooLarge } from '../../bounded-read.ts';
import { NodedevError } from '../../errors.ts';
import type { DeviceRef } from '../../host/host.ts';
import type { ListResult } from '../listed-device.ts';
import { type Definition, parseDefinition, salvageDefinition } from './definition.ts';
import { definitionsFolder, findFile, listNames, type Place, SCRIPTS } from './folder.ts';
import { isParentName, uuidOfFileName } from './names.ts';
import { errnoOf, fileError, invalidDefinition } from './problems.ts';

/** Identifies a definition. A uuid may be defined under several parents; only one of these devices can be active. */
export type DefinitionRef = Pick<DeviceRef, 'parent' | 'uuid'>;

/** A definition as it was on disk when it was read. */
export interface StoredDefinition extends DefinitionRef {
  readonly definition: Definition;
  /** The file, root included. */
  readonly path: string;
  readonly snapshot: FileSnapshot;
}

/** Identifies a file's content: mdevctl truncates and writes the same file, this library replaces the file. */
export interface FileSnapshot {
  readonly inode: number;
  readonly text: string;
}

/** The hint for a file that is no definition and has no name of a device. */
const STRAY = 'move it to another place';

/** Real definitions have some hundred bytes. */
const MAX_SIZE = 1024 * 1024;

/** Collects the parts of a list. The errors of parts that fail are collected, too. */
function attempts(): {
  readonly attempt: <T>(read: () => T, fallback: T) => T;
  readonly problems: NodedevError[];
} {
  const problems: NodedevError[] = [];
  return {
    problems,
    attempt(read, fallback) {
      try {
        return read();
      } catch (error) {
        if (!(error instanceof NodedevError)) throw error;
        problems.push(error);
        return fallback;
      }
    },
  };
}

/**
 * All definitions below a root, sorted by parent, then uuid, and the problems of those that could not be read. Regular
 * files at the top are temporary files; mdevctl ignores them, too.
 *
 * @param isWanted files of other definitions are not opened
 */
export function listDefinitions(
  root: string,
  isWanted: (ref: DefinitionRef) => boolean = () => true,
  place?: Place,
): ListResult<StoredDefinition> {
  const { attempt, problems } = attempts();
  const folder = attempt(() => definitionsFolder(root, place), undefined);
  if (folder === undefined) return { items: [], problems };
  const parents = attempt(() => listNames(folder), []).filter(
    (entry) => !entry.isFile() && entry.name !== SCRIPTS,
  );
  const items = parents.flatMap((parent) => {
    const directory = join(folder, parent.name);
    if (!parent.isDirectory() || !isParentName(parent.name)) {
      problems.push(invalidDefinition(directory, 'not the directory of a parent', { hint: STRAY }));
      return [];
    }
    const names = attempt(() => listNames(directory), []).map((entry) => entry.name);
    const files = new Map<string, string>();
    for (const { name, uuid = name } of usualSpellingFirst(names)) {
      const other = files.get(uuid);
      if (other === undefined) files.set(uuid, name);
      else
        problems.push(
          invalidDefinition(join(directory, name), `defines the same device as ${other}`, {
            hint: STRAY,
          }),
        );
    }
    return [...files]
      .filter(([uuid]) => isWanted({ parent: parent.name, uuid }))
      .flatMap(
        ([, name]) =>
          attempt(() => readEntry(parent.name, name, join(directory, name)), undefined) ?? [],
      );
  });
  return { items: items.toSorted(byParentAndUuid), problems };
}

/** Of two spellings of a uuid, the usual one is used, because other programs write that one. */
function usualSpellingFirst(names: readonly string[]): readonly EntryName[] {
  const entries = names.map((name) => ({ name, uuid: uuidOfFileName(name) }));
  const isUsual = ({ name, uuid }: EntryName): boolean => name === uuid;
  return [...entries.filter(isUsual), ...entries.filter((entry) => !isUsual(entry))];
}

/** A file's name, and the uuid in it. */
interface EntryName {
  readonly name: string;
  readonly uuid: string | undefined;
}

export function byParentAndUuid(a: DefinitionRef, b: DefinitionRef): number {
  if (a.parent !== b.parent) return a.parent < b.parent ? -1 : 1;
  return a.uuid < b.uuid ? -1 : 1;
}

/**
 * One definition; undefined when there is none. No other file is opened.
 *
 * @throws NodedevError definition-invalid, permission-denied, store-failed
 */
export function readDefinition(
  root: string,
  ref: DefinitionRef,
  place?: Place,
): StoredDefinition | undefined {
  const path = findFile(root, ref.parent, ref.uuid, place);
  return path === undefined ? undefined : readStored(ref, path);
}

/**
 * What is known of a definition that cannot be read; undefined when that is not even the type.
 *
 * @throws NodedevError permission-denied, store-failed
 */
export function salvage(
  root: string,
  { parent, uuid }: DefinitionRef,
  place?: Place,
): Definition | undefined {
  const path = findFile(root, parent, uuid, place);
  try {
    const file = path === undefined ? undefined : readBytes(path);
    return file && salvageDefinition(Buffer.from(file.bytes).toString('latin1'));
  } catch (error) {
    if (error instanceof NodedevError && error.code === 'definition-invalid') return undefined;
    throw error;
  }
}

/**
 * The definitions of a uuid, found by the names of files alone, also unreadable ones. In a directory that this user must
 * not read, nothing is found; {@link listDefinitionRefs} reports it.
 */
export function findDefinitions(
  root: string,
  uuid: string,
  place?: Place,
): readonly DefinitionRef[] {
  const { attempt } = attempts();
  return attempt(() => parentDirectories(root, place), [])
    .filter(
      ({ parent }) => attempt(() => findFile(root, parent, uuid, place), undefined) !== undefined,
    )
    .map(({ parent }) => ({ parent, uuid }));
}

/** All definitions, found by the names of files alone, and the directories that could not be read. */
export function listDefinitionRefs(root: string, place?: Place): ListResult<DefinitionRef> {
  const { attempt, problems } = attempts();
  const items = attempt(() => parentDirectories(root, place), []).flatMap(({ parent, directory }) =>
    attempt(() => listNames(directory), []).flatMap((entry) => {
      const uuid = uuidOfFileName(entry.name);
      return uuid === undefined ? [] : [{ parent, uuid }];
    }),
  );
  return { items, problems };
}

function parentDirectories(
  root: string,
  place: Place | undefined,
): readonly { readonly parent: string; readonly directory: string }[] {
  const folder = definitionsFolder(root, place);
  if (folder === undefined) return [];
  return listNames(folder)
    .filter((entry) => entry.isDirectory() && entry.name !== SCRIPTS && isParentName(entry.name))
    .map(({ name }) => ({ parent: name, directory: join(folder, name) }));
}

function readEntry(parent: string, name: string, path: string): StoredDefinition | undefined {
  const uuid = uuidOfFileName(name);
  if (uuid === undefined) throw invalidDefinition(path, 'the name is not a uuid', { hint: STRAY });
  return readStored({ parent, uuid }, path);
}

function readStored({ parent, uuid }: DefinitionRef, path: string): StoredDefinition | undefined {
  const snapshot = readSnapshot(path);
  if (snapshot === undefined) return undefined;
  return { parent, uuid, path, snapshot, definition: parseDefinition(snapshot.text, path) };
}

/** The file as it is now; undefined when it is gone. */
export function readSnapshot(path: string): FileSnapshot | undefined {
  const file = readBytes(path);
  return file && { inode: file.inode, text: decode(path, file.bytes) };
}

/**
 * The bytes of a file; undefined when it is gone. Links are not followed, and it never waits, not even for a FIFO.
 *
 * @throws NodedevError definition-invalid, permission-denied, store-failed
 */
export function readBytes(
  path: string,
): { readonly inode: number; readonly bytes: Uint8Array } | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const { ino: inode } = checkFile(path, descriptor);
    return { inode, bytes: readToEnd(descriptor, MAX_SIZE) };
  } catch (error) {
    if (error instanceof NodedevError) throw error;
    const errno = errnoOf(error);
    if (errno === 'ENOENT') return undefined;
    if (errno === 'EFBIG') throw invalidDefinition(path, tooLarge(MAX_SIZE));
    if (errno === 'ELOOP' || errno === 'ENXIO')
      throw invalidDefinition(path, 'not a regular file', { hint: STRAY });
    throw fileError('read', path, error);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function checkFile(
  path: string,
  descriptor: number,
): { readonly ino: number; readonly size: number } {
  const status = fstatSync(descriptor);
  if (!status.isFile()) throw invalidDefinition(path, 'not a regular file', { hint: STRAY });
  return status;
}

function decode(path: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw invalidDefinition(path, 'not UTF-8 text', { cause });
  }
}
