import * as nodeFs from 'node:fs';
import { dirname, join } from 'node:path';
import { NodedevError } from '../../errors.ts';
import { modeIn, withSpecialBits } from '../../host/shared-folder.ts';
import { type FileOperations, syncDirectory } from './durable-file.ts';

/**
 * Checks one of our directories before it is used: it must be a real directory, and no link above it may lead out of the
 * root. Otherwise a planted link could make us read or write another file.
 *
 * @param path below the root
 * @returns whether it exists
 * @throws NodedevError `store-failed`
 */
export function checkOwnFolder(root: string, path: string): boolean {
  const folder = join(root, path);
  const status = nodeFs.lstatSync(folder, { throwIfNoEntry: false });
  if (status !== undefined && !status.isDirectory()) throw notOurs(folder, 'not a directory');
  if (!isInside(root, existingPart(folder))) throw notOurs(folder, `outside of ${root}`);
  return status !== undefined;
}

/**
 * Creates one of our directories, and those above it, if missing. It gets this mode whatever the umask is, with the rights of
 * the group that may write above it, and is on disk on return.
 */
export function makeOwnFolder(folder: string, mode: number, io: FileOperations = nodeFs): void {
  if (nodeFs.existsSync(folder)) return;
  makeOwnFolder(dirname(folder), 0o755, io);
  try {
    const wanted = modeIn(dirname(folder), mode);
    io.mkdirSync(folder, wanted);
    io.chmodSync(folder, withSpecialBits(folder, wanted));
  } catch (error) {
    if (!nodeFs.existsSync(folder)) throw error; // otherwise another process was faster
  }
  syncDirectory(dirname(folder), io);
}

function isInside(root: string, path: string): boolean {
  try {
    const base = nodeFs.realpathSync(root);
    const real = nodeFs.realpathSync(path);
    return real === base || real.startsWith(base === '/' ? '/' : `${base}/`);
  } catch {
    return false; // a dangling link
  }
}

function existingPart(path: string): string {
  return nodeFs.lstatSync(path, { throwIfNoEntry: false }) === undefined
    ? existingPart(dirname(path))
    : path;
}

/** The error for something else in the place of one of our files. */
export function notOurs(path: string, what: string): NodedevError {
  return new NodedevError('store-failed', `${path} is ${what}`, {
    hint: 'nobody but virt-nodedev writes there: look what it is, then remove it',
  });
}
