import { HostError } from '../host.ts';
import { namesIfAny, readIfAny } from '../sysfs/values.ts';
import { file, type Tree } from '../tree.ts';
import { OPEN } from './paths.ts';
import { readPending } from './pending.ts';

/** The domain that opens devices of a simulated host, as its VM would. */
export interface DeviceHolder {
  readonly domain: string;
  /** Process id of the process that acts as its QEMU. */
  readonly pid?: number | undefined;
}

/** The holder of a device; undefined: it is not open. */
export function holderOf(tree: Tree, uuid: string): DeviceHolder | undefined {
  const path = openMark(uuid);
  // First checked, because it exists for few devices only, and a failed read takes much longer.
  const text = tree.kind(path) === undefined ? undefined : readIfAny(tree, path);
  if (text === undefined || isPending(tree, uuid)) return undefined;
  const [, pid, domain] = /^(\d*) (.*)$/s.exec(text) ?? [];
  if (pid === undefined || domain === undefined) throw new HostError('EBADMSG', path);
  return { domain, pid: pid === '' ? undefined : Number(pid) };
}

/** The names of the domains that hold devices, by uuid. */
export function openDevices(tree: Tree): ReadonlyMap<string, string> {
  const entries = namesIfAny(tree, OPEN).flatMap((uuid): [string, string][] => {
    const holder = holderOf(tree, uuid);
    return holder === undefined ? [] : [[uuid, holder.domain]];
  });
  return new Map(entries);
}

/** Notes that a device is open: the pid, a space, the domain's name. */
export function markOpen(tree: Tree, uuid: string, { domain, pid }: DeviceHolder): void {
  tree.plant(openMark(uuid), file(`${pid ?? ''} ${domain}\n`, 0o644));
}

/** The file that says who has a device open. */
export const openMark = (uuid: string): string => `${OPEN}/${uuid}`;

/** Whether the device is being opened or closed with others: then it is not open yet, or any more. */
function isPending(tree: Tree, uuid: string): boolean {
  const pending = readPending(tree);
  return pending !== undefined && 'uuids' in pending && pending.uuids.includes(uuid);
}
