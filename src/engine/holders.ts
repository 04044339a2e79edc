import { type Holder, type Host, type HostDevice, HostError } from '../host/host.ts';
import { deviceName } from './inventory.ts';
import { refusal } from './refusals.ts';

/**
 * Who has a device open, for who is about to change something. Empty: nobody.
 *
 * @throws NodedevError `permission-denied`, `host-refused`: the host does not say
 */
export function holdersOf(host: Host, device: HostDevice): readonly Holder[] {
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

/** The same for several. One that has a device open is told, whatever is not known of the others. */
export function holdersOfAll(
  host: Host,
  devices: readonly HostDevice[],
): readonly Holder[] | undefined {
  const all = devices.map((device) => holdersIfKnown(host, device));
  const known = all.flatMap((holders) => holders ?? []);
  return known.length === 0 && all.includes(undefined) ? undefined : known;
}
