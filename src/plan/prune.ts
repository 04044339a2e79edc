import type { DeviceState } from '../engine/devices/host-state.ts';
import { activeDevice, definedDevice, type Draft } from './draft.ts';
import { usersOf } from './host-index.ts';

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
    const stays = pruneActive(draft, device, order, gone.has(device.uuid));
    if (!stays && draft.options.define === true) pruneDefinition(draft, device, order);
  }
}

/** @returns whether the device stays active */
function pruneActive(draft: Draft, device: DeviceState, order: number, isGone: boolean): boolean {
  const { active } = device;
  if (active === undefined || isGone) return false;
  const [user] = usersOf(device);
  const owner = active.record && ownerOf(draft, active.record.group, device.uuid);
  if (draft.options.prune !== true) draft.leave(device, 'undesired');
  else if (active.record === undefined) draft.leave(device, 'foreign');
  else if (user !== undefined) draft.leave(device, 'in-use', user);
  else if (owner !== undefined) draft.leave(device, 'owned', owner);
  else {
    draft.act(order, { action: 'destroy', device: activeDevice(device, active) });
    return false;
  }
  return true;
}

function pruneDefinition(draft: Draft, device: DeviceState, order: number): void {
  const { defined } = device;
  if (defined === undefined) return;
  if (draft.options.prune !== true) draft.leave(device, 'undesired');
  else if (defined.record === undefined) draft.leave(device, 'foreign');
  else {
    const owner = ownerOf(draft, defined.record.group, device.uuid);
    if (owner === undefined) {
      draft.act(order, { action: 'undefine', device: definedDevice(device, defined) });
    } else draft.leave(device, 'owned', owner);
  }
}

/** The domain that owns the group, or a domain whose configuration names the device, running or not. */
function ownerOf({ index }: Draft, group: string, uuid: string): string | undefined {
  return index.owner(group)?.owner.name ?? index.domainsNaming(uuid)[0]?.name;
}
