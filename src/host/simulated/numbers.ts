import type { Tree } from '../tree.ts';

/** The lowest number n of which `prefix` + n is no name in a directory: how the kernel numbers what comes and goes. */
export function lowestFree(tree: Tree, folder: string, prefix = ''): number {
  const taken = new Set(tree.names(folder));
  let number = 0;
  while (taken.has(`${prefix}${number}`)) number += 1;
  return number;
}
