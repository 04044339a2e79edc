import { isUuid } from '../../nodedev/uuid.ts';
import { DEV_VFIO, IOMMU_GROUPS, MDEV_DEVICES, MDEV_DRIVERS } from '../sysfs/paths.ts';
import { namesIfAny } from '../sysfs/values.ts';
import { resolveLink, type Tree } from '../tree.ts';
import { updateCounts } from './cards.ts';
import { OPEN } from './paths.ts';
import type { SimulatedHardware } from './profile.ts';

/**
 * Repairs a tree after an interrupted change: files of devices without a link on the bus are removed, and the counts are
 * updated. A creation makes the link on the bus last, and a removal removes it first, so that either is complete or did not
 * happen.
 */
export function repair(tree: Tree, hardware: SimulatedHardware): void {
  const active = new Set(namesIfAny(tree, MDEV_DEVICES));
  const pruneStrays = (folder: string): void => {
    for (const name of namesIfAny(tree, folder)) {
      if (isUuid(name) && !active.has(name)) tree.prune(`${folder}/${name}`);
    }
  };
  for (const card of hardware.cards) {
    for (const { path } of card.parents) {
      pruneStrays(path);
      for (const type of card.types) {
        pruneStrays(`${path}/mdev_supported_types/${type.id}/devices`);
      }
    }
    pruneStrays(`${MDEV_DRIVERS}/${card.driver.mdevDriver}`);
  }
  pruneStrays(OPEN);
  pruneGroups(tree, active);
  pruneDangling(tree, '/sys/class/vfio-dev');
  for (const card of hardware.cards) updateCounts(tree, card);
}

/** IOMMU groups without a device, and VFIO groups without an IOMMU group. */
function pruneGroups(tree: Tree, active: ReadonlySet<string>): void {
  for (const group of namesIfAny(tree, IOMMU_GROUPS)) {
    const members = namesIfAny(tree, `${IOMMU_GROUPS}/${group}/devices`);
    const isAlive = members.some((name) => !isUuid(name) || active.has(name));
    if (!isAlive) tree.prune(`${IOMMU_GROUPS}/${group}`);
  }
  for (const folder of [DEV_VFIO, '/sys/class/vfio', VIRTUAL_VFIO]) {
    for (const name of namesIfAny(tree, folder)) {
      const isStray = /^\d+$/.test(name) && tree.kind(`${IOMMU_GROUPS}/${name}`) === undefined;
      if (isStray) tree.prune(`${folder}/${name}`);
    }
  }
  tree.pruneEmpty(VIRTUAL_VFIO);
}

function pruneDangling(tree: Tree, folder: string): void {
  for (const name of namesIfAny(tree, folder)) {
    const path = `${folder}/${name}`;
    if (tree.kind(resolveLink(folder, tree.readLink(path))) === undefined) tree.prune(path);
  }
}

/** In the kernel this directory exists while there are VFIO groups. */
export const VIRTUAL_VFIO = '/sys/devices/virtual/vfio';
