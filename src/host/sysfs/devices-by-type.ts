import { isUuid } from '../../nodedev/uuid.ts';
import { type HostDevice, HostError, type HostParent } from '../host.ts';
import type { Tree } from '../tree.ts';
import { namesIfAny } from './values.ts';

/** From this number of devices on, reading the directories of the types is faster than reading the devices' links. */
export const MANY_DEVICES = 256;

/**
 * Devices by uuid, from the directory `devices` of each type: reading some hundred directories takes a tenth of the time
 * of reading two links of each of ten thousand devices. The kernel creates and removes these names together with those on
 * the bus (drivers/vfio/mdev/mdev_sysfs.c). A directory that cannot be read is left out.
 */
export function devicesByType(
  tree: Tree,
  parents: readonly HostParent[],
): ReadonlyMap<string, HostDevice> {
  const devices = new Map<string, HostDevice>();
  for (const { address, path, framework } of parents) {
    for (const [uuid, type] of typesOfDevices(tree, path)) {
      const ref = { framework, parent: address, uuid };
      devices.set(uuid, { ref, type, path: `${path}/${uuid}` });
    }
  }
  return devices;
}

/** Type ids of the devices below a parent's path, by uuid. */
export function typesOfDevices(tree: Tree, path: string): ReadonlyMap<string, string> {
  const types = `${path}/mdev_supported_types`;
  return new Map(
    namesIfReadable(tree, types).flatMap((type) =>
      namesIfReadable(tree, `${types}/${type}/devices`)
        .filter(isUuid)
        .map((uuid) => [uuid, type] as const),
    ),
  );
}

function namesIfReadable(tree: Tree, path: string): readonly string[] {
  try {
    return namesIfAny(tree, path);
  } catch (error) {
    if (error instanceof HostError) return [];
    throw error;
  }
}
