import type { DiskTree } from '../disk-tree.ts';
import { isFlat, typesPath } from '../sysfs/mdev-layout.ts';
import { MDEV_BUS, MDEV_DEVICES } from '../sysfs/paths.ts';
import { namesIfAny } from '../sysfs/values.ts';
import { resolveLink, type Tree } from '../tree.ts';
import { FLAT_REQUESTS } from './flat-core.ts';

/**
 * The files `create` and `remove` of a tree on disk that another program has written to: such a file takes a text and keeps
 * it, where a kernel would answer.
 *
 * @param most how many devices are looked at
 */
export function unansweredFiles(tree: DiskTree, most = Infinity): readonly string[] {
  const parents = namesIfAny(tree, MDEV_BUS).map((name) => targetOf(tree, MDEV_BUS, name));
  const creates = parents.flatMap((parent) => {
    if (isFlat(tree, parent)) return FLAT_REQUESTS.map((name) => `${parent}/${name}`);
    const types = typesPath(parent);
    return namesIfAny(tree, types).map((type) => `${types}/${type}/create`);
  });
  const devices = namesIfAny(tree, MDEV_DEVICES).slice(0, most);
  const removes = devices.map((uuid) => `${targetOf(tree, MDEV_DEVICES, uuid)}/remove`);
  return [...creates, ...removes].filter((path) => (tree.size(path) ?? 0) > 0);
}

const targetOf = (tree: Tree, folder: string, name: string): string =>
  resolveLink(folder, tree.readLink(`${folder}/${name}`));
