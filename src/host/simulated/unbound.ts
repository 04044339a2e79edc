import { PEER_UUID } from '../peer-to-peer.ts';
import { isVendorEntry } from '../sysfs/paths.ts';
import { namesIfAny } from '../sysfs/values.ts';
import type { Tree } from '../tree.ts';
import { type DevicePlace, deviceEntries, devicePaths, driverLine } from './device-tree.ts';
import type { KernelRules } from './kernel.ts';

/** A device without a driver: it stays on the bus and in its type. */
export const unboundOf = ({ uuid, parentPath, type, flat }: DevicePlace) =>
  ({ uuid, parentPath, type, flat, attributes: [] }) as const;

/** Whether a device has a driver. */
export const isBoundDevice = (tree: Tree, { parentPath, uuid }: DevicePlace): boolean =>
  tree.kind(`${parentPath}/${uuid}/driver`) !== undefined;

/**
 * What is there of a device only because its driver is bound: the link to the driver first, by which it counts as bound. The
 * driver's attributes are among it since each parent's driver binds its devices (measured on Linux 6.1); before, the core's
 * parent made them.
 */
export function partsOfBinding(
  tree: Tree,
  device: DevicePlace,
  { shim }: KernelRules,
): readonly string[] {
  const path = `${device.parentPath}/${device.uuid}`;
  const unbound = unboundOf(device);
  const kept = new Set([PEER_UUID, ...deviceEntries(unbound, path).map(([name]) => name)]);
  const entries = namesIfAny(tree, path).filter(
    (name) => name !== 'driver' && !kept.has(name) && !(shim && isVendorEntry(name)),
  );
  const others = devicePaths(unbound);
  const outside = devicePaths(device).filter((at) => !others.includes(at));
  return [
    `${path}/driver`,
    ...outside.toReversed(),
    ...entries.map((name) => `${path}/${name}`),
  ].filter((at) => tree.kind(at) !== undefined);
}

/** Finishes an interrupted unbinding, or undoes a binding: a device is bound when it has the link to its driver. */
export function settleBinding(tree: Tree, device: DevicePlace, kernel: KernelRules): void {
  const uevent = `${device.parentPath}/${device.uuid}/uevent`;
  const isBound = isBoundDevice(tree, device);
  if (!isBound) for (const at of partsOfBinding(tree, device, kernel)) tree.prune(at);
  tree.replace(uevent, driverLine(isBound ? device.driver : undefined));
}
