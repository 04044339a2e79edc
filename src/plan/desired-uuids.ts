import { v5 } from 'uuid';
import type { DesiredRequest } from '../engine/devices/request.ts';
import type { DesiredGroup } from './desired.ts';
import type { HostIndex } from './host-index.ts';

/** The namespace of all uuids that this library derives. It was chosen at random and must never change. */
const NAMESPACE = 'd36064f3-f356-4664-b6e3-ce6de6ffcc38';

/**
 * The uuid of every device of a desired state: the one its document gives, else a derived one. The same desired state
 * always gives the same uuids, so that a second plan finds the devices of the first. A uuid is derived (RFC 9562,
 * version 5) from
 *
 * - the host's `/etc/machine-id`, so that no two machines have the same device. A simulated host has none, so that its
 *   devices have the same uuids everywhere,
 * - the group's name,
 * - the device's `<name>`, else its parent and its type; different spellings of the same type count as equal,
 * - its index among the devices for which all of this is equal.
 *
 * The order of other devices and the names of files do not matter.
 */
export function desiredUuids(
  groups: readonly DesiredGroup[],
  index: HostIndex,
): ReadonlyMap<DesiredRequest, string> {
  const counts = new Map<string, number>();
  const derive = (group: string | undefined, device: DesiredRequest): string => {
    const { alias, parent, type } = device;
    const parts =
      alias === undefined
        ? [parent === undefined ? '' : index.addressOf(parent), index.typeKey(type)]
        : [alias];
    const key = JSON.stringify([index.state.machineId ?? '', group ?? '', ...parts]);
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
