import { driverForType } from '../../drivers/registry.ts';
import type { Tree } from '../tree.ts';
import { MDEV_DRIVERS, SHIMS, VFIO_DEVICES } from './paths.ts';
import { namesIfAny } from './values.ts';

/**
 * Whether a mediated device that is bound to no driver keeps its place on the card. Since Linux 5.14 the parent's driver gives it back
 * (seen on 6.1), unless the core counts for it (seen), as it does since 6.1, with which `vfio-dev` came.
 * Before, its driver does not know that one for all was unbound.
 */
export function keepsRoom(tree: Tree, type: string): boolean {
  const shims: readonly string[] = Object.values(SHIMS);
  const isByCore = driverForType(type)?.countedByCore === true;
  return (
    (isByCore && tree.kind(VFIO_DEVICES) !== undefined) ||
    namesIfAny(tree, MDEV_DRIVERS).every((name) => shims.includes(name))
  );
}
