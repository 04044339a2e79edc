import { type Holder, type Host, type HostDevice, HostError } from '../../host/host.ts';
import { deviceName } from './inventory.ts';
import { refusal } from '../wording/refusals.ts';

/**
 * The holders of a device, for a change. Empty: it is not open.
 *
 * @throws NodedevError `permission-denied`, `host-refused`: the host does not say
 */
export function deviceHolders(host: Host, device: HostDevice): readonly Holder[] {
  try {
    return host.holders(device);
  } catch (error) {
    throw refusal(error, `Unable to tell who has '${deviceName(device)}' open`, {
      type: device.type,
    });
  }
}

/** The holders of a device, for output. Undefined: an ordinary user must not see them. */
export function holdersIfKnown(host: Host, device: HostDevice): readonly Holder[] | undefined {
  try {
    return host.holders(device);
  } catch (error) {
    if (error instanceof HostError) return undefined;
    throw error;
  }
}

/** The holders of several devices. Undefined: none is known, and those of some device must not be seen. */
export function holdersOfAny(
  host: Host,
  devices: readonly HostDevice[],
): readonly Holder[] | undefined {
  const each = devices.map((device) => holdersIfKnown(host, device));
  const known = each.flatMap((holders) => holders ?? []);
  return known.length === 0 && each.includes(undefined) ? undefined : known;
}

/**
 * The holders of a group, for a change.
 *
 * @throws NodedevError `permission-denied`, `host-refused`: the host does not say
 */
export function groupHolders(
  host: Host,
  {
    active,
    holders,
  }: { readonly active: readonly HostDevice[]; readonly holders: readonly Holder[] | undefined },
): readonly Holder[] {
  return holders ?? active.flatMap((device) => deviceHolders(host, device));
}
