import { isGone } from '../errno.ts';
import { HostError } from '../host.ts';
import { baseName, type Tree } from '../tree.ts';
import { BOOT_ID } from './paths.ts';

/** The result of `read`; undefined when the file does not exist. */
export function ifAny<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

/** A file's content without the final newline that every sysfs value has. */
export function readLine(tree: Tree, path: string): string {
  const text = tree.read(path);
  return text.endsWith('\n') ? text.slice(0, -1) : text;
}

/** Characters that no XML document can have, and so no output of ours. */
const UNWRITABLE = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;

/**
 * A text for people in sysfs: without blanks and line ends around it, as mdevctl reads it (mdev.rs), and with U+FFFD for what
 * cannot be written anywhere.
 */
export function readText(tree: Tree, path: string, limit?: number): string {
  return tree.read(path, limit).trim().replaceAll(UNWRITABLE, '\u{fffd}');
}

/** {@link readText}; undefined when the file does not exist. */
export const readTextIfAny = (tree: Tree, path: string): string | undefined =>
  ifAny(() => readText(tree, path));

export function readIfAny(tree: Tree, path: string): string | undefined {
  return ifAny(() => readLine(tree, path));
}

/** A file's content as a count; blanks and line ends around it do not matter. EBADMSG when it is no count. */
export function readCount(tree: Tree, path: string): number {
  const text = tree.read(path).trim();
  const count = Number(text);
  if (!/^\+?\d+$/.test(text) || !Number.isSafeInteger(count)) throw new HostError('EBADMSG', path);
  return count;
}

/** The names in a directory; none when there is no directory. */
export function namesIfAny(tree: Tree, path: string): readonly string[] {
  return ifAny(() => tree.names(path)) ?? [];
}

export function readLinkIfAny(tree: Tree, path: string): string | undefined {
  return ifAny(() => tree.readLink(path));
}

/** The last component of a link's target (`driver`, `iommu_group`, `subsystem`), undefined when there is no link. */
export function linkName(tree: Tree, path: string): string | undefined {
  const target = readLinkIfAny(tree, path);
  return target === undefined ? undefined : baseName(target);
}

/** The number of a device's IOMMU group; undefined when it has none. */
export function iommuGroupOf(tree: Tree, path: string): number | undefined {
  const name = linkName(tree, `${path}/iommu_group`);
  return name !== undefined && /^\d+$/.test(name) ? Number(name) : undefined;
}

/** The id of this boot. A tree without /proc (a test fixture) always has the same. */
export function readBootId(tree: Tree): string {
  return readIfAny(tree, BOOT_ID)?.trim() ?? 'none';
}

/** Compares by UTF-16 code units: the same order everywhere, whatever the locale. */
export function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
