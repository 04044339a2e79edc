import { type Dirent, type Stats, lstatSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { readFolder } from '../../bounded-read.ts';
import { NodedevError } from '../../errors.ts';
import { isParentName, uuidOfFileName } from './names.ts';
import { errnoOf, fileError, invalidDefinition, invalidName } from './problems.ts';

/** Where mdevctl keeps definitions, below the root. */
export const DEFINITIONS = ['etc', 'mdevctl.d'] as const;

/** Where definitions of functions with a type are, which mdevctl does not know: beside its folder, never in it. */
export const FUNCTION_DEFINITIONS = ['etc', 'virt-nodedev.d'] as const;

/** One of the two folders, as its names below the root. */
export type Place = readonly string[];

/** The folder of scripts in mdevctl 1.2. It is beside the folders of parents. */
export const SCRIPTS = 'scripts.d';

/**
 * The definitions folder of a root; undefined when there is none. It may be a link (some distributions have all
 * of /etc elsewhere) but not one that leads out of the root.
 *
 * @throws NodedevError definition-invalid, permission-denied, store-failed
 */
export function definitionsFolder(root: string, place: Place = DEFINITIONS): string | undefined {
  return stayInside(root, join(root, ...place));
}

/** The real path, with all links followed. Undefined when it does not exist; refused when it is outside of the root. */
export function stayInside(root: string, path: string): string | undefined {
  try {
    const base = realpathSync(root);
    const real = realpathSync(path);
    if (real === base || real.startsWith(base === '/' ? '/' : `${base}/`)) return path;
    throw invalidDefinition(path, `leads out of ${root}`);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error instanceof NodedevError ? error : fileError('read', path, error);
  }
}

/**
 * The file that defines a device, in any spelling of its uuid; undefined when there is none. An unreadable file is found,
 * too, so that it can be removed.
 */
export function findFile(
  root: string,
  parent: string,
  uuid: string,
  place: Place = DEFINITIONS,
): string | undefined {
  checkRef(parent, uuid);
  const folder = definitionsFolder(root, place);
  if (folder === undefined) return undefined;
  const directory = join(folder, parent);
  if (!isRealDirectory(directory)) return undefined;
  const usual = join(directory, uuid);
  if (statusOf(usual)) return usual;
  const other = listNames(directory).find((entry) => uuidOfFileName(entry.name) === uuid);
  return other && join(directory, other.name);
}

/** @throws NodedevError definition-invalid when a name could lead out of the folder */
export function checkRef(parent: string, uuid: string): void {
  if (!isParentName(parent) || parent === SCRIPTS) throw invalidName('parent', parent);
  if (uuidOfFileName(uuid) !== uuid) throw invalidName('uuid', uuid);
}

/**
 * Whether a parent's directory is there.
 *
 * @throws NodedevError definition-invalid when a link or a file stands in its place: it is not followed
 */
export function isRealDirectory(directory: string): boolean {
  const status = statusOf(directory);
  if (status && !status.isDirectory()) throw invalidDefinition(directory, 'not a directory');
  return status !== undefined;
}

/** Entries of a directory, sorted by name; none when it is gone. */
export function listNames(directory: string): readonly Dirent[] {
  try {
    return readFolder(directory);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw fileError('list', directory, error);
  }
}

/** The status of the file itself, even if it is a link; undefined when there is none. */
function statusOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw fileError('read', path, error);
  }
}
