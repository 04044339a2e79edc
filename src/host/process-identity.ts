import { readFileSync } from 'node:fs';

/** A process, told from a later one of the same number by its start (field 22 of /proc/PID/stat, proc(5)). */
function processIdentity(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return `${pid}:${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''}`;
  } catch {
    return `${pid}:`;
  }
}

let own: string | undefined;

/** The identity of this process, which does not change: asked for at every change. */
export function ownIdentity(): string {
  own ??= processIdentity(process.pid);
  return own;
}

/** Whether the process of an identity still runs. One of another pid namespace does not, as seen from here. */
export function isRunning(identity: string): boolean {
  const pid = Number(identity.split(':')[0]);
  if (!Number.isSafeInteger(pid) || pid <= 0 || processIdentity(pid) !== identity) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
