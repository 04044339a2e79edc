import { DiskTree } from '../../host/disk-tree.ts';
import { type Host, HostError } from '../../host/host.ts';

/** Where libvirt looks for the hook of its QEMU driver (src/util/virhook.c), and for more of them beside it. */
const HOOK = '/etc/libvirt/hooks/qemu';

/** Larger files are nobody's hook script. */
const MAX_BYTES = 1024 * 1024;

/** Whether libvirt calls `libvirt-hook` below this root. A file that cannot be read does not count. */
export function isHookInstalled({ root }: Host): boolean {
  if (root === undefined) return false;
  const tree = new DiskTree(root);
  return [HOOK, ...namesIn(tree, `${HOOK}.d`)].some((path) => callsUs(tree, path));
}

function namesIn(tree: DiskTree, folder: string): readonly string[] {
  return attempt(() => tree.names(folder).map((name) => `${folder}/${name}`)) ?? [];
}

/** A comment that names the command calls nothing. */
function callsUs(tree: DiskTree, path: string): boolean {
  const text = attempt(() => tree.read(path, MAX_BYTES)) ?? '';
  return /^[^#\n]*virt-nodedev[^\n]*\blibvirt-hook\b/m.test(text);
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof HostError) return undefined;
    throw error;
  }
}
