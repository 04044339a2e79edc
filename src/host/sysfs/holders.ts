import { isGone } from '../errno.ts';
import { type Holder, HostError } from '../host.ts';
import type { Tree } from '../tree.ts';
import { runningDomains } from './domains.ts';
import { nodeKind } from './device-nodes.ts';
import { namesIfAny, readIfAny } from './values.ts';

/** Errnos that are ignored when processes are searched: a process has ended, or belongs to another user. */
const PASSED_OVER: ReadonlySet<string> = new Set(['ENOENT', 'ESRCH', 'EACCES', 'EPERM', 'ENOTDIR']);

/**
 * The programs that hold a device open through any of its files (`/dev/vfio/12`, `/dev/vfio/devices/vfio0`).
 *
 * A VFIO group can be open once: opening it gives EBUSY while it is open, also through the device's own file
 * (drivers/vfio/group.c). Only then, or when there is no group file, the processes are searched. A holder that cannot be
 * found (in another pid namespace, of another user) is returned without details.
 *
 * @throws HostError EACCES when this user must not open the files
 */
export function holdersOf(tree: Tree, nodes: readonly string[]): readonly Holder[] {
  const groups = nodes.filter((path) => nodeKind(path) === 'group');
  const held = groups.some((path) => isBusy(tree, path));
  if (nodes.length === 0 || (groups.length > 0 && !held)) return [];
  const holders = processesWith(tree, nodes);
  return held && holders.length === 0 ? [{}] : holders;
}

/** Whether the file of a group can be opened, so that nobody has the group's devices open. */
export function isFree(tree: Tree, group: string): boolean {
  try {
    tree.probe(group);
    return true;
  } catch (error) {
    if (error instanceof HostError) return false;
    throw error;
  }
}

function isBusy(tree: Tree, path: string): boolean {
  try {
    tree.probe(path);
    return false;
  } catch (error) {
    if (isGone(error)) return false;
    if (error instanceof HostError && error.errno === 'EBUSY') return true;
    throw error;
  }
}

function processesWith(tree: Tree, nodes: readonly string[]): readonly Holder[] {
  // libvirt gives QEMU its own /dev, whose mount point is missing in paths seen from here: so their ends are compared.
  const ends = nodes.map((path) => path.slice('/dev'.length));
  const pids = namesIfAny(tree, '/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => openFiles(tree, pid).some((file) => ends.some((end) => file.endsWith(end))))
    .map(Number)
    .toSorted((a, b) => a - b);
  if (pids.length === 0) return [];
  const domains = runningDomains(tree);
  return pids.map((pid) => ({
    pid,
    command: readIfAny(tree, `/proc/${pid}/comm`),
    domain: domains.get(pid),
  }));
}

function openFiles(tree: Tree, pid: string): readonly string[] {
  const folder = `/proc/${pid}/fd`;
  return passOver(() => tree.names(folder), []).map((descriptor) =>
    passOver(() => tree.readLink(`${folder}/${descriptor}`), ''),
  );
}

function passOver<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof HostError && PASSED_OVER.has(error.errno)) return otherwise;
    throw error;
  }
}
