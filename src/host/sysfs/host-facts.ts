import type { HostFacts } from '../../drivers/host-facts.ts';
import { followLinks } from '../follow-links.ts';
import { HostError } from '../host.ts';
import { baseName, directoryName, type Tree } from '../tree.ts';
import { linkName, namesIfAny, order, readIfAny } from './values.ts';

/** A tree in the form for drivers. Files that disappear meanwhile, or cannot be read, count as absent. */
export function hostFacts(tree: Tree): HostFacts {
  const folders = new Map<string, string | undefined>();
  const real = (path: string): string | undefined => {
    if (!folders.has(path)) folders.set(path, followLinks(tree, path));
    return folders.get(path);
  };
  function look<T>(path: string, ask: (path: string) => T): T | undefined {
    try {
      const folder = real(directoryName(path));
      return folder === undefined ? undefined : ask(`${folder}/${baseName(path)}`);
    } catch (error) {
      if (error instanceof HostError) return undefined;
      throw error;
    }
  }
  return {
    exists: (path) => look(path, (at) => tree.kind(at)) !== undefined,
    read: (path) => look(path, (at) => readIfAny(tree, at)),
    link: (path) => look(path, (at) => linkName(tree, at)),
    names: (path) => (look(path, () => namesIfAny(tree, real(path) ?? path)) ?? []).toSorted(order),
  };
}
