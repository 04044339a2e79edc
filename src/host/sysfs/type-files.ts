import type { NamedValue } from '../../nodedev/device.ts';
import { HostError } from '../host.ts';
import type { Tree } from '../tree.ts';
import { isTypeFile } from './paths.ts';
import { namesIfAny, order, readText } from './values.ts';

/** A file of sysfs has a page at most. */
const LONGEST = 4096;
/** A type with more files than these is none a driver makes. */
const MOST = 64;

/**
 * The other files of a type's directory, sorted: one fact per file, as the proposal of 2016 asked for, or what a vendor adds.
 * A link, a file that this user may not read, and one that is longer than a page are left out.
 */
export function readTypeFiles(tree: Tree, path: string): readonly NamedValue[] {
  return namesIfAny(tree, path)
    .filter(isTypeFile)
    .toSorted(order)
    .slice(0, MOST)
    .flatMap((name) => {
      try {
        const file = `${path}/${name}`;
        return tree.kind(file) === 'file' ? [{ name, value: readText(tree, file, LONGEST) }] : [];
      } catch (error) {
        if (error instanceof HostError) return [];
        throw error;
      }
    });
}
