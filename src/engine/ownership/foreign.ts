import type { HostDevice } from '../../host/host.ts';
import { splitParams } from '../devices/attribute-writes.ts';
import type { Context } from '../context.ts';
import { groupNameOf, type KnownDevice, recordOf } from '../devices/inventory.ts';
import type { StoreChange, StoreView } from '../store/store.ts';
import { foreignReasons } from '../../policy/destroy.ts';
import { requireAllowed, verdict } from '../../policy/verdict.ts';

/**
 * Whether another program made an active device (mdevctl, libvirt, a device plugin): there is no record that we created it
 * in this boot, and none that we defined it. A device that we defined is ours even when mdevctl starts it at boot.
 */
export function isForeign(view: StoreView, device: HostDevice): boolean {
  return groupNameOf(view, device) === undefined;
}

/** @throws NodedevError `device-foreign` for a device of another program, unless it is to be adopted */
export function refuseForeign(
  view: StoreView,
  devices: readonly HostDevice[],
  mayAdopt = false,
): void {
  const pictured = devices.map((device) => ({ ...device.ref, group: groupNameOf(view, device) }));
  requireAllowed(verdict(foreignReasons(pictured, mayAdopt)));
}

/**
 * Adds a record for an active device that has none, because another program made or started it: in the group it was
 * defined in, else in a group of its own.
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

/** The group of a device, active or not; undefined for a device of another program. */
export const knownGroup = (view: StoreView, device: KnownDevice): string | undefined =>
  knownGroups(view, device)[0];

/** {@link knownGroup}, and that of its definition where it is another one. */
export const knownGroups = (view: StoreView, { ref, active }: KnownDevice): readonly string[] => {
  const groups = [active && recordOf(view, active), view.definition(ref)];
  return [...new Set(groups.flatMap((record) => record?.group ?? []))];
};

/**
 * The group of a device, active or not. A device of another program gets a group of its own, if it is to be adopted.
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
  requireAllowed(verdict(foreignReasons([{ ...ref, group }], mayAdopt)));
  if (active === undefined) change.putDefinition({ kind: 'definition', ...ref, group: ref.uuid });
  else adopt(context, change, active);
  return ref.uuid;
}

/** The attributes in the definition of an active device; none when there is no readable one. */
function definedAttributes({ definitions }: Context, { ref }: HostDevice) {
  try {
    return definitions.read(ref)?.definition.attributes ?? [];
  } catch {
    return []; // `list --all` and `doctor` report why it cannot be read
  }
}
