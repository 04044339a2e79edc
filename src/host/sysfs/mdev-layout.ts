import type { HostDevice, HostParent, HostType, Listing } from '../host.ts';
import { baseName, directoryName, resolveLink, type Tree } from '../tree.ts';
import type { WriteFile } from './framework.ts';
import { subsystemOf } from './subsystem.ts';
import { linkName, readLinkIfAny, readText } from './values.ts';

/** How a kernel lays out the types of the mediated device core, and takes requests for devices. */
export interface MdevLayout {
  types(parent: HostParent): Listing<HostType>;
  type(parent: HostParent, id: string): HostType | undefined;
  create(parent: HostParent, type: string, uuid: string, write: WriteFile): void;
  remove(device: HostDevice, write: WriteFile): void;
}

/** What the kernel before November 2016 had a file for has since been a directory. */
export const typesPath = (parentPath: string): string => `${parentPath}/mdev_supported_types`;

/** Whether the parent at this path has the flat layout of 2016. */
export const isFlat = (tree: Tree, parentPath: string): boolean =>
  tree.kind(typesPath(parentPath)) === 'file';

/**
 * The id of a type that a table calls by its own part alone. The core puts the parent's driver before it, or its bus or class
 * where it has none (`dev_driver_string`), since types are directories.
 */
export function typeIdOf(tree: Tree, parentPath: string, own: string): string {
  if (own.includes('-')) return own;
  return `${linkName(tree, `${parentPath}/driver`) ?? subsystemOf(tree, parentPath)}-${own}`;
}

/** The type of the device at this path; undefined when its parent has it no more. In the flat layout its `mdev_type` is no link. */
export function typeOfDevice(tree: Tree, path: string): string | undefined {
  const entry = `${path}/mdev_type`;
  if (tree.kind(entry) === 'file')
    return typeIdOf(tree, directoryName(path), readText(tree, entry));
  const target = readLinkIfAny(tree, entry);
  const isThere = target !== undefined && tree.kind(resolveLink(path, target)) !== undefined;
  return isThere ? baseName(target) : undefined;
}
