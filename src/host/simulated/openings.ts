import { readFileSync } from 'node:fs';
import { type Holder, HostError } from '../host.ts';
import { namesIfAny, readIfAny } from '../sysfs/values.ts';
import { file, type Tree } from '../tree.ts';
import { OPEN } from './paths.ts';
import { readPending } from './pending.ts';

/** The domain that opens devices of a simulated host, as its VM would, or any process of this machine. */
export interface DeviceHolder {
  /** Undefined: a process that opened the device's file in a mounted folder, or its socket, and is no VM with a name. */
  readonly domain?: string | undefined;
  /** Process id of the process that acts as the domain's QEMU, or of the one that opened the file or socket. */
  readonly pid?: number | undefined;
  /** The process that serves the mounted folder or the socket: without it the device is not open any more. */
  readonly servedBy?: number | undefined;
}

/** How a holder is called among those of a card: a VM by its domain's name. */
export const holderName = ({ domain, pid }: DeviceHolder): string =>
  domain ?? `process ${pid ?? 0}`;

/** The holder of a device; undefined: it is not open. */
export function holderOf(tree: Tree, uuid: string): Holder | undefined {
  const path = openMark(uuid);
  // First checked, because it exists for few devices only, and a failed read takes much longer.
  const text = tree.kind(path) === undefined ? undefined : readIfAny(tree, path);
  if (text === undefined || isPending(tree, uuid)) return undefined;
  const [, pid, servedBy, domain] = /^(\d*)(?:\/(\d+))? (.*)$/s.exec(text) ?? [];
  if (pid === undefined || domain === undefined) throw new HostError('EBADMSG', path);
  const named = pid === '' ? undefined : Number(pid);
  if (servedBy === undefined) return { domain, pid: named };
  if (commandOf(servedBy) === undefined) return undefined;
  return { domain: domain === '' ? undefined : domain, pid: named, command: commandOf(pid) };
}

/** The name of a process of this machine; undefined: there is none. */
function commandOf(pid: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trimEnd();
  } catch {
    return undefined;
  }
}

/** The {@link holderName}s of those that hold devices, by uuid. */
export function openDevices(tree: Tree): ReadonlyMap<string, string> {
  const entries = namesIfAny(tree, OPEN).flatMap((uuid): [string, string][] => {
    const holder = holderOf(tree, uuid);
    return holder === undefined ? [] : [[uuid, holderName(holder)]];
  });
  return new Map(entries);
}

/** Notes that a device is open: the pid, of a mounted folder or a socket a `/` and the pid of who serves it, a space, the domain's name. */
export function markOpen(tree: Tree, uuid: string, holder: DeviceHolder): void {
  const { domain = '', pid = '', servedBy } = holder;
  const mark = openMark(uuid);
  if (tree.kind(mark) !== undefined) tree.prune(mark); // of a folder that is not served any more
  const by = servedBy === undefined ? '' : `/${servedBy}`;
  tree.plant(mark, file(`${pid}${by} ${domain}\n`, 0o644));
}

/** The file that says who has a device open. */
export const openMark = (uuid: string): string => `${OPEN}/${uuid}`;

/** Whether the device is being opened or closed with others: then it is not open yet, or any more. */
function isPending(tree: Tree, uuid: string): boolean {
  const pending = readPending(tree);
  return pending !== undefined && 'uuids' in pending && pending.uuids.includes(uuid);
}
