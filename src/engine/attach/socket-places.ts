import { lstatSync, mkdirSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ATTACHED } from '../../host/simulated/paths.ts';
import { checkOwnFolder, makeOwnFolder } from '../store/own-files.ts';
import { socketFolderShared, socketThere, socketTooLong } from '../wording/attach-messages.ts';

/** The most bytes of a socket's path: struct sockaddr_un has 108, and the last one is 0 (unix(7)). */
const MAX_PATH_BYTES = 107;

/** What an owner alone has of a folder, and what the others must not have. */
const ONLY_OWNER = 0o700;
const OTHERS_WRITE = 0o022;

/**
 * The folder for the sockets of a host's devices. Nobody else may write to it: who could, would put another socket there.
 *
 * @throws NodedevError `attach-failed`, `store-failed`
 */
export function socketFolderFor(root: string, wanted: string | undefined): string {
  const own = join(root, ATTACHED);
  if (!checkOwnFolder(root, ATTACHED)) makeOwnFolder(own, ONLY_OWNER);
  requireOwn(own);
  if (wanted === undefined) return own;
  mkdirSync(wanted, { recursive: true, mode: ONLY_OWNER });
  requireOwn(wanted);
  return wanted;
}

function requireOwn(folder: string): void {
  const status = lstatSync(folder);
  if (!status.isDirectory()) throw socketFolderShared(folder, 'it is no directory');
  if (status.uid !== process.getuid?.()) throw socketFolderShared(folder, "it is another user's");
  if ((status.mode & OTHERS_WRITE) !== 0) {
    throw socketFolderShared(folder, 'others may write to it');
  }
}

/** The socket of a device in a folder. @throws NodedevError `attach-failed`: its path is too long */
export function socketPath(folder: string, uuid: string): string {
  const path = join(folder, `${uuid}.sock`);
  const bytes = Buffer.byteLength(path);
  if (bytes <= MAX_PATH_BYTES) return path;
  throw socketTooLong(path, bytes, join(tmpdir(), `vfio-user-${process.getuid?.() ?? 0}`));
}

/**
 * Removes what a killed process left at a socket's path. Its caller holds the lock and has seen that nobody serves the device.
 *
 * @throws NodedevError `attach-failed`: something else is there
 */
export function clearSocket(path: string): void {
  const status = lstatSync(path, { throwIfNoEntry: false });
  if (status === undefined) return;
  if (!status.isSocket()) throw socketThere(path);
  unlinkSync(path);
}
