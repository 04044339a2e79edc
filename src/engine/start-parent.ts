import { NodedevError } from '../errors.ts';
import type { Context } from './context.ts';
import type { KnownDevice } from './inventory.ts';
import { deviceInfo, findParent, knownDevice, parentName } from './inventory.ts';
import { requireMdevSupport } from './mdev-support.ts';
import { parentUnknown } from './messages.ts';
import type { StoreView } from './store.ts';
import type { DeviceInfo, StartParentResult } from './types.ts';

/** What {@link startParent} starts one group's devices with. */
type Start = (
  wanted: (view: StoreView) => readonly KnownDevice[],
) => Promise<readonly DeviceInfo[]>;

/**
 * Starts what is marked for autostart under one parent, as udev asks for when the parent appears. Each group's devices
 * there are one transaction; a group that fails does not keep the others from starting.
 *
 * @throws NodedevError `no-mdev-support`, `parent-unknown`
 */
export async function startParent(
  context: Context,
  name: string,
  start: Start,
): Promise<StartParentResult> {
  const { host, store, definitions } = context;
  const parent = findParent(host, name);
  if (parent === undefined) {
    requireMdevSupport(host);
    throw parentUnknown(name, host.parents().items.map(parentName));
  }
  const { items, problems } = definitions.list();
  for (const { code, message, hint } of problems) {
    context.report({ code, message, hint, severity: 'warning' });
  }
  const groups = await store.read((view) => {
    const waiting = items
      .filter((stored) => stored.parent === parent.address && stored.definition.autostart)
      .flatMap((stored) => knownDevice(context, stored) ?? [])
      .filter((device) => device.active === undefined);
    const byGroup = new Map<string, KnownDevice[]>();
    for (const device of waiting) {
      const group = view.definition(device.ref)?.group ?? device.ref.uuid;
      byGroup.set(group, [...(byGroup.get(group) ?? []), device]);
    }
    return byGroup;
  });
  const started: DeviceInfo[] = [];
  const failed: { readonly device: DeviceInfo; readonly error: NodedevError }[] = [];
  for (const devices of groups.values()) {
    try {
      started.push(...(await start(() => devices)));
    } catch (error) {
      if (!(error instanceof NodedevError)) throw error;
      const infos = await store.read((view) =>
        devices.map((device) => deviceInfo(host, view, device)),
      );
      failed.push(...infos.map((device) => ({ device, error })));
    }
  }
  return { started, failed };
}
