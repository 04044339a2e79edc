import type { ActiveState, DeviceState } from '../engine/devices/host-state.ts';
import { activeDevice, definedDevice, type Draft } from './draft.ts';
import { mayPrune } from '../policy/destroy.ts';
import { PlanPicture } from './picture.ts';
import { mayTakeBack, release } from './releases.ts';

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
    if (!isLeft) pruneDefinition(draft, device, order);
  }
}

/** @returns whether the device stays active */
function pruneActive(draft: Draft, device: DeviceState, order: number, isGone: boolean): boolean {
  const { active } = device;
  if (active === undefined || isGone) return false;
  const record = ownRecord(draft, device, active.record);
  if (stays(draft, device, record, active)) return true;
  const going = activeDevice(device, active);
  if (active.record === undefined) draft.act(order, { action: 'adopt', device: going });
  draft.act(order, { action: 'destroy', device: going });
  return false;
}

function pruneDefinition(draft: Draft, device: DeviceState, order: number): void {
  const { defined } = device;
  const record = ownRecord(draft, device, defined?.record);
  if (defined === undefined || stays(draft, device, record)) return;
  draft.act(order, { action: 'undefine', device: definedDevice(device, defined) });
}

/** What our record says of a device that is not desired. */
type Recorded = { readonly group: string; readonly planned?: true | undefined } | undefined;

/** Our record of a device; another program's has one when it is adopted. */
function ownRecord({ options }: Draft, { uuid }: DeviceState, record: Recorded): Recorded {
  return record ?? (options.adopt === true && options.prune === true ? { group: uuid } : undefined);
}

/** Whether what is not desired is left, and notes why. What an earlier desired state claimed is taken back. */
function stays(draft: Draft, device: DeviceState, record: Recorded, active?: ActiveState): boolean {
  const { index } = draft;
  const { uuid, parent } = device;
  const group = record?.group;
  if (draft.options.prune !== true) {
    const isPlanned = record?.planned ?? (group !== undefined && index.owner(group)?.isPlanned);
    draft.leave(device, isPlanned === true ? 'left-over' : 'undesired');
    return true;
  }
  const isFree = group !== undefined && mayTakeBack(draft, group);
  const isReleased = (name: string): boolean =>
    draft.isReleased(name) || (isFree && name === group);
  const picture = new PlanPicture(index, { isReleased });
  const holders = active?.holders ?? [];
  const [reason] = mayPrune(picture, { uuid, parent, group, holders }).reasons;
  if (reason === undefined) {
    if (group !== undefined) release(draft, group);
    return false;
  }
  const isForeign = reason.code === 'device-foreign';
  const why = isForeign ? 'foreign' : reason.code === 'in-use' ? 'in-use' : 'owned';
  draft.leave(device, why, isForeign ? undefined : reason.inTheWay[0]);
  return true;
}
