import { v5 } from 'uuid';
import type { WantedDevice } from '../engine/devices/request.ts';
import type { DesiredGroup } from './desired.ts';
import type { HostIndex } from './host-index.ts';

/** Of uuids that are derived by this library; random, and never another. */
const NAMESPACE = 'd36064f3-f356-4664-b6e3-ce6de6ffcc38';

/**
 * The uuid of every device of a desired state: its own, else one that is always the same for the same wish, so that
 * planning again finds what was made before. It is derived (RFC 9562, version 5) from
 *
 * - the host: its `/etc/machine-id`, so that no two machines have the same device; nothing where there is none, so
 *   that a simulated host's devices are called alike everywhere,
 * - the group's name,
 * - what tells the device apart in the group: its `<name>`, else its parent and its type, in whatever spelling,
 * - its index among those for which all of this is equal.
 *
 * The order of different devices and the names of files make no difference.
 */
export function desiredUuids(
  groups: readonly DesiredGroup[],
  index: HostIndex,
): ReadonlyMap<WantedDevice, string> {
  const counts = new Map<string, number>();
  const derive = (group: string | undefined, device: WantedDevice): string => {
    const { alias, parent, type } = device;
    const what =
      alias === undefined
        ? [parent === undefined ? '' : index.addressOf(parent), index.typeKey(type)]
        : [alias];
    const key = JSON.stringify([index.state.machineId ?? '', group ?? '', ...what]);
    const count = counts.get(key) ?? 0;
    counts.set(key, count + 1);
    return v5(`${key}${count}`, NAMESPACE);
  };
  return new Map(
    groups.flatMap(({ name, devices }) =>
      devices.map((device) => [device, device.uuid ?? derive(name, device)] as const),
    ),
  );
}
