import type { HostDevice } from '../../host/host.ts';
import { splitParams } from '../devices/attribute-writes.ts';
import type { Context } from '../context.ts';
import {
  deviceName,
  groupNameOf,
  type KnownDevice,
  nameOf,
  recordOf,
} from '../devices/inventory.ts';
import type { StoreChange, StoreView } from '../store/store.ts';
import { deviceForeign } from './messages.ts';

/**
 * Whether others made an active device (mdevctl, libvirt, a device plugin): there is no record that we created it in
 * this boot, and none that we defined it. What we defined is ours whoever starts it, for instance mdevctl at boot.
 */
export function isForeign(view: StoreView, device: HostDevice): boolean {
  return groupNameOf(view, device) === undefined;
}

/** @throws NodedevError `device-foreign` for others' devices, unless they are to be adopted */
export function refuseForeign(
  view: StoreView,
  devices: readonly HostDevice[],
  mayAdopt = false,
): void {
  const foreign = mayAdopt ? undefined : devices.find((device) => isForeign(view, device));
  if (foreign !== undefined) throw deviceForeign(deviceName(foreign));
}

/**
 * Makes sure that an active device has a record, which others' devices and those that others started for us have not:
 * in the group it was defined in, else in one of its own.
 */
export function adopt(context: Context, change: StoreChange, device: HostDevice): void {
  if (recordOf(change, device) !== undefined) return;
  const { uuid, parent } = device.ref;
  const { type } = device;
  const saved = change.definition(device.ref);
  const { attributes, params } = splitParams(type, definedAttributes(context, device));
  const group = saved?.group ?? uuid;
  change.addDevice({
    kind: 'device',
    uuid,
    parent,
    type,
    group,
    alias: saved?.alias,
    attributes,
    params,
  });
}

/** The group of a device, active or not; undefined for what others made. */
export const knownGroup = (view: StoreView, { ref, active }: KnownDevice): string | undefined =>
  (active && recordOf(view, active))?.group ?? view.definition(ref)?.group;

/**
 * The group of a device, active or not, which has one from now on: others' devices get one of their own, when they are
 * to be adopted.
 *
 * @throws NodedevError `device-foreign`
 */
export function adoptedGroup(
  context: Context,
  change: StoreChange,
  device: KnownDevice,
  mayAdopt: boolean,
): string {
  const { ref, active } = device;
  const group = knownGroup(change, device);
  if (group !== undefined) return group;
  if (!mayAdopt) throw deviceForeign(nameOf(ref));
  if (active === undefined) change.putDefinition({ kind: 'definition', ...ref, group: ref.uuid });
  else adopt(context, change, active);
  return ref.uuid;
}

/** What the definition of an active device says it was created with; nothing when there is none to read. */
function definedAttributes({ definitions }: Context, { ref }: HostDevice) {
  try {
    return definitions.read(ref)?.definition.attributes ?? [];
  } catch {
    return []; // `list --all` and `doctor` tell why it cannot be read
  }
}
