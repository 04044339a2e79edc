import * as nodeFs from 'node:fs';
import { dirname } from 'node:path';
import { modeIn } from '../../host/shared-folder.ts';
import { fileError } from '../definitions/problems.ts';

/** The calls that change something, so that a test can let any of them fail, or record their order. */
export type FileOperations = Pick<
  typeof nodeFs,
  | 'openSync'
  | 'fchmodSync'
  | 'writeFileSync'
  | 'fsyncSync'
  | 'closeSync'
  | 'linkSync'
  | 'renameSync'
  | 'unlinkSync'
  | 'mkdirSync'
  | 'chmodSync'
>;

/** The beginning of the names of our temporary files. mdevctl ignores files at the top of its folder. */
export const TEMPORARY = '.virt-nodedev-';

/**
 * Writes a new file with this mode, whatever the umask is, and with the rights of the group that may write to its folder. Its
 * content is on disk on return; its name may not be.
 */
export function writeDurably(
  path: string,
  text: string | Uint8Array,
  mode: number,
  io: FileOperations = nodeFs,
): void {
  const descriptor = io.openSync(path, 'wx', 0o600);
  try {
    io.fchmodSync(descriptor, modeIn(dirname(path), mode));
    io.writeFileSync(descriptor, text);
    io.fsyncSync(descriptor);
  } finally {
    io.closeSync(descriptor);
  }
}

/** Waits until the names in a directory are on disk. @throws NodedevError permission-denied, store-failed */
export function syncDirectory(directory: string, io: FileOperations = nodeFs): void {
  try {
    const descriptor = io.openSync(directory, 'r');
    try {
      io.fsyncSync(descriptor);
    } finally {
      io.closeSync(descriptor);
    }
  } catch (error) {
    throw fileError('sync', directory, error);
  }
}

/** Removes a file, and ignores errors. */
export function removeQuietly(path: string, io: FileOperations = nodeFs): void {
  try {
    io.unlinkSync(path);
  } catch {
    // After a rename it does not exist. A file that cannot be removed does no harm, and a first error must not be hidden.
  }
}
