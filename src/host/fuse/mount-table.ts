import { readFileSync, statSync } from 'node:fs';
import { FILE_SYSTEM } from './mounting.ts';

/** A folder that a process of ours serves, or did. */
export interface MountEntry {
  readonly mountpoint: string;
  /** The root of the simulated host. */
  readonly root: string;
  /** The process that serves it has ended, and every call in it gives ENOTCONN. */
  readonly isDead: boolean;
}

/** What the table of mounts says of a folder: the pid of who serves it, and the host's root. */
export const sourceOf = (root: string): string => `${process.pid}:${root}`;

/** The mounted folders of simulated hosts that this process sees. None where the table cannot be read. */
export function mountedFolders(): readonly MountEntry[] {
  return tableLines().flatMap((line) => {
    // Fields 5, and 1 and 2 after the `-` (proc(5)); what could be mistaken stands as \040.
    const [before = '', after = ''] = line.split(' - ');
    const [type, source = ''] = after.split(' ');
    const [, pid, root] = /^(\d+):(.*)$/s.exec(plain(source)) ?? [];
    if (type !== FILE_SYSTEM || pid === undefined || root === undefined) return [];
    const mountpoint = plain(before.split(' ')[4] ?? '');
    return [{ mountpoint, root, isDead: !isRunning(pid) && isDisconnected(mountpoint) }];
  });
}

function tableLines(): readonly string[] {
  try {
    return readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  } catch {
    return [];
  }
}

const plain = (field: string): string =>
  field.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));

function isRunning(pid: string): boolean {
  return statSync(`/proc/${pid}`, { throwIfNoEntry: false }) !== undefined;
}

/** Asked only when nobody serves it: who serves it may be this process, which cannot answer itself. */
function isDisconnected(mountpoint: string): boolean {
  try {
    statSync(mountpoint);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ENOTCONN';
  }
}
