import { type Holder, type Host, type HostDevice, HostError } from '../../host/host.ts';
import { deviceName } from './inventory.ts';
import { refusal } from '../wording/refusals.ts';

/**
 * Who has a device open, for who is about to change something. Empty: nobody.
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

/** The same for who only looks. Undefined: not known, because an ordinary user may not open the device's files. */
export function holdersIfKnown(host: Host, device: HostDevice): readonly Holder[] | undefined {
  try {
    return host.holders(device);
  } catch (error) {
    if (error instanceof HostError) return undefined;
    throw error;
  }
}

/** Of several devices: one that is open says it for all, one of which nothing is known leaves it unknown. */
export function holdersOfAny(
  host: Host,
  devices: readonly HostDevice[],
): readonly Holder[] | undefined {
  const each = devices.map((device) => holdersIfKnown(host, device));
  const known = each.flatMap((holders) => holders ?? []);
  return known.length === 0 && each.includes(undefined) ? undefined : known;
}

/**
 * The holders of a group, for who is about to change something.
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
