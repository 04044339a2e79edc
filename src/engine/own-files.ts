import * as nodeFs from 'node:fs';
import { dirname, join } from 'node:path';
import { NodedevError } from '../errors.ts';
import { type FileOperations, syncDirectory } from './durable-file.ts';

/**
 * Looks at where a file of ours is, before it is used: the file and its directory are real ones, and no link above them
 * leads out of the root. A planted link must not have another file read, or written, as ours.
 *
 * @param path below the root; neither it nor its directory need be there
 * @throws NodedevError `store-failed`
 */
export function checkOwnFile(root: string, path: string): void {
  const file = join(root, path);
  checkOwnFolder(root, dirname(path));
  const status = nodeFs.lstatSync(file, { throwIfNoEntry: false });
  if (status !== undefined && !status.isFile()) throw notOurs(file, 'not a regular file');
}

/** As {@link checkOwnFile}, for a directory. Returns whether it is there. */
export function checkOwnFolder(root: string, path: string): boolean {
  const folder = join(root, path);
  const status = nodeFs.lstatSync(folder, { throwIfNoEntry: false });
  if (status !== undefined && !status.isDirectory()) throw notOurs(folder, 'not a directory');
  if (!isInside(root, existingPart(folder))) throw notOurs(folder, `outside of ${root}`);
  return status !== undefined;
}

/**
 * Makes a directory of ours, and those above it, where there is none: with this mode whatever the umask, and to stay
 * after a power cut.
 */
export function makeOwnFolder(folder: string, mode: number, io: FileOperations = nodeFs): void {
  if (nodeFs.existsSync(folder)) return;
  makeOwnFolder(dirname(folder), 0o755, io);
  try {
    io.mkdirSync(folder, mode);
    io.chmodSync(folder, mode);
  } catch (error) {
    if (!nodeFs.existsSync(folder)) throw error; // else another process was faster
  }
  syncDirectory(dirname(folder), io);
}

/** Makes an empty file of ours where there is none, as {@link makeOwnFolder} makes a directory. */
export function makeOwnFile(file: string, mode: number): void {
  if (nodeFs.existsSync(file)) return;
  try {
    const descriptor = nodeFs.openSync(file, 'wx', 0o600);
    nodeFs.fchmodSync(descriptor, mode);
    nodeFs.closeSync(descriptor);
  } catch (error) {
    if (!nodeFs.existsSync(file)) throw error;
  }
  syncDirectory(dirname(file));
}

function isInside(root: string, path: string): boolean {
  try {
    const base = nodeFs.realpathSync(root);
    const real = nodeFs.realpathSync(path);
    return real === base || real.startsWith(base === '/' ? '/' : `${base}/`);
  } catch {
    return false; // a link that leads nowhere
  }
}

function existingPart(path: string): string {
  return nodeFs.lstatSync(path, { throwIfNoEntry: false }) === undefined
    ? existingPart(dirname(path))
    : path;
}

function notOurs(path: string, what: string): NodedevError {
  return new NodedevError('store-failed', `${path} is ${what}`, {
    hint: 'nobody but virt-nodedev writes there: look what it is, then remove it',
  });
}
