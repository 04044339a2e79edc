import * as v from 'valibot';
import { HostError } from '../host.ts';
import { file, type Tree } from '../tree.ts';
import { DISCARDED } from './paths.ts';

/** A list in a file of the simulation; empty without the file. Throws HostError EBADMSG when somebody changed it. */
export function readList<T>(
  tree: Tree,
  path: string,
  shape: v.GenericSchema<readonly T[]>,
): readonly T[] {
  if (tree.kind(path) === undefined) return [];
  const parsed = v.safeParse(shape, jsonOf(tree.read(path)));
  if (!parsed.success) throw new HostError('EBADMSG', path);
  return parsed.output;
}

/** Replaces the list as a whole. Of an empty one there is no file. */
export function writeList(tree: Tree, path: string, list: readonly unknown[]): void {
  const isThere = tree.kind(path) !== undefined;
  if (list.length === 0) {
    if (isThere) tree.prune(path);
    return;
  }
  const text = JSON.stringify(list);
  if (isThere) {
    tree.replace(path, text);
    return;
  }
  const next = `${DISCARDED}/list`;
  if (tree.kind(next) !== undefined) tree.prune(next);
  tree.plant(next, file(text, 0o644));
  tree.rename(next, path);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
