import * as nodeFs from 'node:fs';
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

/** What the names of our unfinished files start with. mdevctl ignores files at the top of its folder. */
export const TEMPORARY = '.virt-nodedev-';

/** Writes a new file, whatever the umask, and waits until its content is on disk. Its name may not be yet. */
export function writeDurably(
  path: string,
  text: string | Uint8Array,
  mode: number,
  io: FileOperations = nodeFs,
): void {
  const descriptor = io.openSync(path, 'wx', 0o600);
  try {
    io.fchmodSync(descriptor, mode);
    io.writeFileSync(descriptor, text);
    io.fsyncSync(descriptor);
  } finally {
    io.closeSync(descriptor);
  }
}

/** Makes the names in a directory survive a power cut. @throws NodedevError permission-denied, store-failed */
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

/** After a rename it is gone already; one that cannot be removed harms nobody, and the first error counts. */
export function removeQuietly(path: string, io: FileOperations = nodeFs): void {
  try {
    io.unlinkSync(path);
  } catch {
    // see above
  }
}
