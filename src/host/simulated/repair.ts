import { isUuid } from '../../nodedev/uuid.ts';
import { isFlat } from '../sysfs/mdev-layout.ts';
import {
  DEV_VFIO,
  IOMMU_GROUPS,
  MDEV_DEVICES,
  MDEV_DRIVERS,
  VFIO_DEVICES,
} from '../sysfs/paths.ts';
import { FunctionFramework } from '../sysfs/function-framework.ts';
import { namesIfAny } from '../sysfs/values.ts';
import { pruneIfAny, resolveLink, type Tree } from '../tree.ts';
import { updateCounts } from './cards.ts';
import { OWN_NODES } from './device-tree.ts';
import { repairAttributes } from './device-attributes.ts';
import type { Repair } from './guard.ts';
import { openMark } from './openings.ts';
import { OPEN } from './paths.ts';
import { kernelOf } from './kernel.ts';
import type { PendingChange } from './pending.ts';
import type { SimulatedHardware } from './profile.ts';
import { settleFunctions } from './setup-core.ts';
import type { UeventLog } from './uevent-sinks.ts';
import { isBoundDevice, settleBinding } from './unbound.ts';
import {
  ueventsOfBinding,
  ueventsOfCreation,
  ueventsOfRemoval,
  ueventsOfUnbinding,
} from './uevents.ts';

/** Puts the tree of a simulated host, and its uevents, right after a change that failed or was interrupted. */
export function repairOf(
  tree: Tree,
  uevents: UeventLog,
  hardware: () => SimulatedHardware,
): Repair {
  const close = (uuids: readonly string[]): void => {
    for (const uuid of uuids) pruneIfAny(tree, openMark(uuid));
  };
  const putRight = (pending: PendingChange | undefined): void => {
    if (pending !== undefined && 'physical' in pending) {
      settleFunctions({ tree, hardware: hardware() }, pending.physical);
    }
    if (pending !== undefined && 'device' in pending && isBinding(pending)) {
      settleBinding(tree, pending.device, kernelOf(hardware()));
    }
    repair(tree, hardware());
    if (pending !== undefined && 'device' in pending) tellOf(tree, uevents, pending);
  };
  return {
    settle: (pending) => {
      if (pending !== undefined && 'uuids' in pending) close(pending.uuids);
      putRight(pending);
    },
    undo: (pending) => {
      if (pending.do === 'create') pruneIfAny(tree, `${MDEV_DEVICES}/${pending.device.uuid}`);
      if (pending.do === 'open') close(pending.uuids);
      if (pending.do === 'bind') {
        pruneIfAny(tree, `${pending.device.parentPath}/${pending.device.uuid}/driver`);
      }
      putRight(pending);
    },
  };
}

const isBinding = (pending: Pick<PendingChange, 'do'>): boolean =>
  pending.do === 'bind' || pending.do === 'unbind';

/** Emits the uevents that a change has not emitted, or those that revoke what it has. */
function tellOf(
  tree: Tree,
  uevents: UeventLog,
  { do: kind, device, log }: Extract<PendingChange, { readonly device: unknown }>,
): void {
  if (isBinding({ do: kind })) {
    const binding = [ueventsOfBinding(device), ueventsOfUnbinding(device)] as const;
    const at = binding[0].at(-1)?.devpath;
    const last = uevents
      .since(log)
      .findLast((one) => one.devpath === at && ['bind', 'unbind'].includes(one.action));
    const wasBound = last === undefined ? kind === 'unbind' : last.action === 'bind';
    const bound = isBoundDevice(tree, device);
    if (bound !== wasBound) uevents.emit(() => binding[bound ? 0 : 1]);
    return;
  }
  const [created, removed] = [ueventsOfCreation(device), ueventsOfRemoval(device)];
  const devpath = created[0]?.devpath;
  const told = uevents
    .since(log)
    .findLast((uevent) => uevent.devpath === devpath && ['bind', 'remove'].includes(uevent.action));
  const wasThere = told === undefined ? kind === 'remove' : told.action === 'bind';
  const isThere = tree.kind(`${MDEV_DEVICES}/${device.uuid}`) !== undefined;
  if (isThere !== wasThere) uevents.emit(() => (isThere ? created : removed));
}

/**
 * Files of devices without a link on the bus are removed, and the counts are updated. A creation makes the link on the bus
 * last, and a removal removes it first, so that either is complete or did not happen.
 */
function repair(tree: Tree, hardware: SimulatedHardware): void {
  const functions = new FunctionFramework(tree).devices().items.map(({ ref }) => ref.uuid);
  const active = new Set([...namesIfAny(tree, MDEV_DEVICES), ...functions]);
  const pruneStrays = (folder: string): void => {
    for (const name of namesIfAny(tree, folder)) {
      if (isUuid(name) && !active.has(name)) tree.prune(`${folder}/${name}`);
    }
  };
  for (const card of hardware.cards) {
    for (const { path } of card.parents) {
      pruneStrays(path);
      for (const type of isFlat(tree, path) ? [] : card.types) {
        pruneStrays(`${path}/mdev_supported_types/${type.id}/devices`);
      }
    }
  }
  for (const driver of namesIfAny(tree, MDEV_DRIVERS)) pruneStrays(`${MDEV_DRIVERS}/${driver}`);
  pruneStrays(OPEN);
  pruneGroups(tree, active);
  pruneDangling(tree, VFIO_DEVICES);
  for (const name of namesIfAny(tree, OWN_NODES)) {
    if (tree.kind(`/sys/class/vfio-dev/${name}`) === undefined) tree.prune(`${OWN_NODES}/${name}`);
  }
  for (const card of hardware.cards) {
    updateCounts(tree, card);
    repairAttributes(tree, card);
  }
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
