import { namesIfAny } from '../sysfs/values.ts';
import type { Tree } from '../tree.ts';

/** The lowest number n for which a directory has no entry `prefix` + n. The kernel numbers groups and devices like this. */
export function lowestFree(tree: Tree, folder: string, prefix = ''): number {
  const taken = new Set(namesIfAny(tree, folder));
  let number = 0;
  while (taken.has(`${prefix}${number}`)) number += 1;
  return number;
}
