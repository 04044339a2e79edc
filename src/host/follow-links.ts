import { directoryName, type Tree } from './tree.ts';

/** The kernel's limit of links in one path (path_resolution(7)). */
const MAX_LINKS = 40;

/**
 * Follows all links in a path, inside the root as in a chroot. Returns the path without links, which a {@link Tree} accepts;
 * undefined when nothing is there.
 */
export function followLinks(tree: Tree, path: string): string | undefined {
  const ahead = partsOf(path);
  let links = 0;
  let reached = '';
  for (let part = ahead.pop(); part !== undefined; part = ahead.pop()) {
    if (part === '..') {
      reached = directoryName(reached);
      continue;
    }
    const next = `${reached}/${part}`;
    const kind = tree.kind(next);
    if (kind === undefined) return undefined;
    if (kind !== 'link') {
      reached = next;
      continue;
    }
    links += 1;
    if (links > MAX_LINKS) return undefined;
    const target = tree.readLink(next);
    if (target.startsWith('/')) reached = '';
    ahead.push(...partsOf(target));
  }
  return reached === '' ? '/' : reached;
}

/** A path's components, the last one first. */
function partsOf(path: string): string[] {
  return path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .toReversed();
}
