import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmdirSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { withSpecialBits } from './shared-folder.ts';

// How the files and folders of a simulated host's tree are made and removed on disk.

export const isExisting = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'EEXIST';

export function writeNew(path: string, text: string | Buffer, mode: number): void {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const descriptor = openSync(path, flags, mode);
  try {
    // The umask of the process must not change the mode.
    if ((fstatSync(descriptor).mode & 0o777) !== mode) fchmodSync(descriptor, mode);
    if (text.length > 0) writeFileSync(descriptor, text);
  } finally {
    closeSync(descriptor);
  }
}

export const FOLDER_MODE = 0o755;

/** The umask of the process does not change the mode. What the directory above passes on, such as its group, stays. */
export function makeFolder(path: string, mode: number): void {
  mkdirSync(path, mode);
  const wanted = withSpecialBits(path, mode);
  if (lstatSync(path).mode % 0o10000 !== wanted) chmodSync(path, wanted);
}

/** False when the file cannot have another name: it is gone, or has as many names as it can have. */
export function isLinked(file: string, path: string): boolean {
  try {
    linkSync(file, path);
    return true;
  } catch (error) {
    if (isExisting(error)) throw error;
    return false;
  }
}

/**
 * Removes a path without following links. It is faster than `rmSync`, which looks at each entry several times.
 *
 * @returns whether it was a directory
 */
export function pruneAt(path: string): boolean {
  const isFolder = lstatSync(path).isDirectory();
  if (isFolder) pruneEntries(path);
  else unlinkSync(path);
  return isFolder;
}

function pruneEntries(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) pruneEntries(path);
    else unlinkSync(path);
  }
  rmdirSync(folder);
}
