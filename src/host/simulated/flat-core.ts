import { isUuid } from '../../nodedev/uuid.ts';
import { HostError } from '../host.ts';
import { typeIdOf, typesPath } from '../sysfs/mdev-layout.ts';
import type { Tree } from '../tree.ts';
import { tableIn } from './flat-table.ts';
import { holderOf } from './openings.ts';

/**
 * What is asked for by a text written to `mdev_create`: `UUID:params`; undefined: EINVAL. Of a uuid only its 36 characters
 * count. The type is undefined where the driver does not understand the params: it says so (EINVAL) when the core has said
 * that the uuid exists. Source: mdev_create_store and mdev_device_create of the series.
 */
export function flatRequest(
  tree: Tree,
  parentPath: string,
  words: string,
): { readonly uuid: string; readonly type: string | undefined } | undefined {
  const uuid = flatUuid(words.split(':', 1)[0] ?? '');
  if (uuid === undefined) return undefined;
  const [, key, own] = /^[^:]*:([^=]*)=([^\n]*)\n?$/.exec(words) ?? [];
  const [column] = tableIn(tree.read(typesPath(parentPath)), parentPath).columns;
  return { uuid, type: key === column && own ? typeIdOf(tree, parentPath, own) : undefined };
}

/** The uuid in a text written to `mdev_destroy`; undefined: EINVAL. */
export function flatUuid(words: string): string | undefined {
  const uuid = words.slice(0, 36).toLowerCase();
  return isUuid(uuid) ? uuid : undefined;
}

/** Answers a write to `online`: EINVAL for what is no number; EBUSY for 0 while the device is open. */
export function writeOnline(tree: Tree, path: string, words: string, uuid: string): void {
  const [, digits] = /^\+?(0x[0-9a-f]+|\d+)\n?$/i.exec(words) ?? [];
  if (digits === undefined || Number(digits) > 0xffff_ffff) {
    throw new HostError('EINVAL', path, { written: words });
  }
  const holder = holderOf(tree, uuid);
  if (Number(digits) === 0 && holder !== undefined) {
    throw new HostError('EBUSY', path, { written: words, holders: [holder] });
  }
  tree.replace(path, Number(digits) === 0 ? '0\n' : '1\n');
}

/** Whether a device has no resources: nobody wrote 1 to its `online`. */
export const isOffline = (tree: Tree, path: string): boolean =>
  tree.kind(`${path}/online`) === 'file' && tree.read(`${path}/online`) === '0\n';

/** The files of a parent that take requests. */
export const FLAT_REQUESTS = ['mdev_create', 'mdev_destroy'] as const;
