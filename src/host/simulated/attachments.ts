import { readFileSync } from 'node:fs';
import type { AttachedSocket } from '../host.ts';
import { readIfAny } from '../sysfs/values.ts';
import { file, type Tree } from '../tree.ts';
import { ATTACHED } from './paths.ts';

const markOf = (uuid: string): string => `${ATTACHED}/${uuid}`;

/** The socket at which a device is served now; undefined: at none. */
export function attachedAt(tree: Tree, uuid: string): AttachedSocket | undefined {
  const mark = tree.kind(markOf(uuid)) === undefined ? undefined : readIfAny(tree, markOf(uuid));
  const [, pid, start, socket] = /^(\d+) (\d+) (\/.+)$/s.exec(mark ?? '') ?? [];
  if (pid === undefined || socket === undefined) return undefined;
  return startOf(Number(pid)) === start ? { pid: Number(pid), socket } : undefined;
}

/** When a process began, in clock ticks since the boot (proc(5), stat): another one of the same pid began later. */
function startOf(pid: number): string | undefined {
  try {
    // Behind the name of the program, which may hold blanks and brackets.
    return /.*\)(?: \S+){19} (\d+)/su.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1];
  } catch {
    return undefined; // it is gone
  }
}

/** Notes where a device is served. */
export function markAttached(tree: Tree, uuid: string, { pid, socket }: AttachedSocket): void {
  unmarkAttached(tree, uuid); // of a process that was killed
  tree.plant(markOf(uuid), file(`${pid} ${startOf(pid) ?? ''} ${socket}\n`, 0o644));
}

/** Takes that back. */
export function unmarkAttached(tree: Tree, uuid: string): void {
  if (tree.kind(markOf(uuid)) !== undefined) tree.prune(markOf(uuid));
}
