import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Everything that has to do with mediated devices. */
const FOLDERS = [
  '/sys/bus/mdev',
  '/sys/class/mbochs',
  '/sys/class/mdev_bus',
  '/sys/class/mdpy',
  '/sys/class/mtty',
  '/sys/class/vfio',
  '/sys/class/vfio-dev',
  '/sys/devices/virtual/mbochs',
  '/sys/devices/virtual/mdpy',
  '/sys/devices/virtual/mtty',
  '/sys/devices/virtual/vfio',
  '/sys/kernel/iommu_groups',
  '/dev/vfio',
];

/**
 * What stands below a root: kind, permissions, and target or content, by path. A device node is told as a plain file,
 * which is what a simulated host has in its place, and so is an unreadable file as an empty one.
 */
export function treeOf(root: string): ReadonlyMap<string, string> {
  const tree = new Map<string, string>();
  for (const folder of FOLDERS) add(tree, root, folder);
  return tree;
}

function add(tree: Map<string, string>, root: string, path: string): void {
  const status = lstatSync(root + path, { throwIfNoEntry: false });
  if (status === undefined) return;
  const mode = (status.mode & 0o7777).toString(8);
  if (status.isSymbolicLink()) {
    tree.set(path, `link ${readlinkSync(root + path)}`);
  } else if (status.isDirectory()) {
    tree.set(path, `directory ${mode}`);
    for (const name of readdirSync(root + path)) add(tree, root, `${path}/${name}`);
  } else {
    tree.set(path, `file ${mode} ${status.isFile() ? contentOf(root + path) : ''}`);
  }
}

function contentOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** The lines in which two trees differ. */
export function treeDifferences(
  kernel: ReadonlyMap<string, string>,
  simulated: ReadonlyMap<string, string>,
): readonly string[] {
  return [...new Set([...kernel.keys(), ...simulated.keys()])]
    .filter((path) => kernel.get(path) !== simulated.get(path))
    .map((path) => `${path}: kernel ${kernel.get(path)}, simulated ${simulated.get(path)}`);
}
