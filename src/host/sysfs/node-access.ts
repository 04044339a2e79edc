import type { OpenObstacle } from '../holder.ts';
import { HostError } from '../host.ts';
import type { EntryAccess, Tree } from '../tree.ts';
import { readIfAny } from './values.ts';

const QEMU_CONF = '/etc/libvirt/qemu.conf';

/**
 * Why the user that runs QEMU may not open a device's file; undefined: nothing is known against it. libvirt gives the file
 * to that user and leaves its mode (security_dac.c), unless `dynamic_ownership = 0` in qemu.conf leaves the owner, too.
 * Without libvirt, and where qemu.conf names no user or cannot be read, the user is not known.
 */
export function accessObstacle(tree: Tree, path: string): OpenObstacle | undefined {
  const access = tree.access(path);
  if (access === undefined) return undefined;
  if (!allows(access.mode >> 6)) return 'node-mode';
  const user = fixedUser(tree);
  if (user === undefined || user.uid === 0) return undefined;
  const { mode, uid, gid } = access;
  const shift = uid === user.uid ? 6 : gid === user.gid ? 3 : 0;
  return allows(mode >> shift) ? undefined : 'node-owner';
}

/** Whether three bits of a mode allow to read and write. */
const allows = (bits: number): boolean => (bits & 0o6) === 0o6;

/** The ids under which QEMU runs, where libvirt does not change the owners of files. */
function fixedUser(tree: Tree): Pick<EntryAccess, 'uid' | 'gid'> | undefined {
  const text = readable(tree, QEMU_CONF);
  const setting = (name: string): string | undefined =>
    new RegExp(`^[ \\t]*${name}[ \\t]*=[ \\t]*"?([^"#\\s]*)"?`, 'mu').exec(text)?.[1];
  if (setting('dynamic_ownership') !== '0') return undefined;
  const uid = idOf(setting('user'), readable(tree, '/etc/passwd'));
  const gid = idOf(setting('group'), readable(tree, '/etc/group'));
  return uid === undefined ? undefined : { uid, gid: gid ?? -1 };
}

/** The number of a user or group: `+107`, `107`, or a name in a file of passwd(5) or group(5). */
function idOf(name: string | undefined, accounts: string): number | undefined {
  if (name === undefined || name === '') return undefined;
  if (/^\+?\d+$/.test(name)) return Number(name);
  const fields = accounts.split('\n').map((line) => line.split(':'));
  const id = fields.find(([account]) => account === name)?.[2];
  return id === undefined ? undefined : Number(id);
}

function readable(tree: Tree, path: string): string {
  try {
    return readIfAny(tree, path) ?? '';
  } catch (error) {
    if (error instanceof HostError) return '';
    throw error;
  }
}
