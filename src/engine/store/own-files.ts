import * as nodeFs from 'node:fs';
import { dirname, join } from 'node:path';
import { NodedevError } from '../../errors.ts';
import {
  type FileOperations,
  removeQuietly,
  syncDirectory,
  TEMPORARY,
  writeDurably,
} from './durable-file.ts';

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

/** Makes a file of ours with this content where there is none: whole or not at all, as {@link makeOwnFolder}. */
export function makeOwnFile(file: string, mode: number, content: Uint8Array): void {
  if (nodeFs.existsSync(file)) return;
  const temporary = join(dirname(file), `${TEMPORARY}${process.pid}`);
  try {
    removeQuietly(temporary);
    writeDurably(temporary, content, mode);
    nodeFs.linkSync(temporary, file);
    syncDirectory(dirname(file));
  } catch (error) {
    if (!nodeFs.existsSync(file)) throw error; // else another process was faster
  } finally {
    removeQuietly(temporary);
  }
}

/** Throws ENOSPC where a file system cannot take so many bytes more. */
export function requireRoom(folder: string, bytes: number): void {
  const temporary = join(folder, `${TEMPORARY}${process.pid}`);
  removeQuietly(temporary);
  try {
    writeDurably(temporary, new Uint8Array(bytes), 0o600);
  } finally {
    removeQuietly(temporary);
  }
}

const DENIED = /EACCES|EPERM|Permission denied|only read/u;
const READ_ONLY = /EROFS|Read-only/u;
const HINTS: readonly (readonly [symptom: RegExp, hint: string])[] = [
  [DENIED, 'changing devices needs root'],
  [READ_ONLY, 'the file system is mounted read-only'],
  [/ENOSPC|No space/u, 'no space is left; nothing was changed'],
  [
    /LMDB file|MDB_|JSON/u,
    'a broken file may be moved away: devices and definitions stay, groups, owners and aliases are lost',
  ],
];

/** What LMDB, which has no errno, or Node says of a store that cannot be used. */
export function storeFailed(
  doing: 'open' | 'read' | 'write',
  file: string,
  cause: unknown,
): NodedevError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const isDenied = [DENIED, READ_ONLY].some((symptom) => symptom.test(reason));
  return new NodedevError(
    isDenied ? 'permission-denied' : 'store-failed',
    `cannot ${doing} ${file}: ${reason}`,
    {
      hint: HINTS.find(([symptom]) => symptom.test(reason))?.[1],
      cause,
    },
  );
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
