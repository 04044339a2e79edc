import * as nodeFs from 'node:fs';
import { dirname, join } from 'node:path';
import { NodedevError } from '../../errors.ts';
import { type FileOperations, syncDirectory } from './durable-file.ts';

/**
 * Looks at where a directory of ours is, before it is used: it is a real one, and no link above it leads out of the
 * root. A planted link must not have another file read, or written, as ours.
 *
 * @param path below the root
 * @returns whether it is there
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

/** What stands where only we write, and is not ours. */
export function notOurs(path: string, what: string): NodedevError {
  return new NodedevError('store-failed', `${path} is ${what}`, {
    hint: 'nobody but virt-nodedev writes there: look what it is, then remove it',
  });
}
