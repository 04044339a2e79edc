import type { DeviceState } from '../engine/devices/host-state.ts';
import { activeDevice, definedDevice, type Draft } from './draft.ts';
import { mayPrune, type Undesired } from '../policy/destroy.ts';
import { PlanPicture } from './picture.ts';

/** The key of a device under a parent. */
export const desiredKey = (parent: string, uuid: string): string => `${parent}/${uuid}`;

/**
 * Adds to the plan what happens to the devices that are not desired.
 *
 * @param desired keys of the desired devices ({@link desiredKey})
 * @param order the order of the actions among others of their kind
 */
export function prune(draft: Draft, desired: ReadonlySet<string>, order: number): void {
  const gone = draft.destroyed;
  for (const device of draft.index.state.devices) {
    if (desired.has(desiredKey(device.parent, device.uuid))) continue;
    const isLeft = pruneActive(draft, device, order, gone.has(device.uuid));
    if (!isLeft && draft.options.define === true) pruneDefinition(draft, device, order);
  }
}

/** @returns whether the device stays active */
function pruneActive(draft: Draft, device: DeviceState, order: number, isGone: boolean): boolean {
  const { active, uuid, parent } = device;
  if (active === undefined || isGone) return false;
  const { record, holders } = active;
  if (stays(draft, device, { uuid, parent, group: record?.group, holders })) return true;
  draft.act(order, { action: 'destroy', device: activeDevice(device, active) });
  return false;
}

function pruneDefinition(draft: Draft, device: DeviceState, order: number): void {
  const { defined, uuid, parent } = device;
  if (defined === undefined) return;
  if (stays(draft, device, { uuid, parent, group: defined.record?.group, holders: [] })) return;
  draft.act(order, { action: 'undefine', device: definedDevice(device, defined) });
}

/** Whether what is not desired is left, and notes why. */
function stays(draft: Draft, device: DeviceState, undesired: Undesired): boolean {
  if (draft.options.prune !== true) {
    draft.leave(device, 'undesired');
    return true;
  }
  const [reason] = mayPrune(new PlanPicture(draft.index), undesired).reasons;
  if (reason === undefined) return false;
  const isForeign = reason.code === 'device-foreign';
  const why = isForeign ? 'foreign' : reason.code === 'in-use' ? 'in-use' : 'owned';
  draft.leave(device, why, isForeign ? undefined : reason.inTheWay[0]);
  return true;
}
