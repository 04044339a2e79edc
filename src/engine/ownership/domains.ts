import type { Domain } from '../../domain/domain.ts';
import { NodedevError } from '../../errors.ts';
import type { HostDevice } from '../../host/host.ts';
import type { SimulatedHost } from '../../host/simulated/host.ts';
import type { Context } from '../context.ts';
import { domainUnknown, hostdevWithoutUuid } from '../wording/messages.ts';
import { checkDomain } from '../devices/names.ts';
import { usageOf } from '../../domain/usage.ts';
import { mayGive } from '../../policy/give.ts';
import { requireAllowed } from '../../policy/verdict.ts';
import { pictureOf } from '../devices/picture.ts';
import { refusal } from '../wording/refusals.ts';
import type { StoreView } from '../store/store.ts';
import type { DomainRef } from '../../policy/domain-ref.ts';

/**
 * Opens the mediated devices of a domain on a simulated host, as its VM would, all or none. While one is open, the domain
 * owns their groups.
 *
 * @throws NodedevError those of {@link mayGive}, `hotplug-refused`, `in-use`
 */
export function startDomain(
  context: Context,
  host: SimulatedHost,
  view: StoreView,
  domain: Domain,
): readonly HostDevice[] {
  const owner = refOfDomain(domain);
  const mediated = domain.hostdevs.filter((hostdev) => hostdev.type === 'mdev');
  const unnamed = mediated.find(({ uuid }) => uuid === undefined);
  if (unnamed !== undefined) throw hostdevWithoutUuid(unnamed.location);
  requireAllowed(
    mayGive(pictureOf(context, view, { forChange: true }), usageOf(domain), {
      startsDevices: false,
    }),
    (about) => mediated.find(({ uuid }) => uuid === about)?.location,
  );
  const devices = mediated.flatMap(({ uuid }) =>
    uuid === undefined ? [] : (host.find(uuid) ?? []),
  );
  try {
    host.open(devices, { domain: owner.name });
  } catch (error) {
    throw refusal(error, `Unable to start domain '${owner.name}'`);
  }
  return devices;
}

/**
 * Closes the devices that {@link startDomain} opened. The domain keeps groups that were claimed for it.
 *
 * @throws NodedevError `device-inactive`: no device is open in this domain
 */
export function stopDomain(host: SimulatedHost, name: string): readonly HostDevice[] {
  const devices = host
    .devices()
    .items.filter((device) => host.holders(device).some((holder) => holder.domain === name));
  if (devices.length === 0) throw domainUnknown(name);
  try {
    host.close({ domain: name }, devices);
  } catch (error) {
    throw refusal(error, `Unable to stop domain '${name}'`);
  }
  return devices;
}

/** A domain as owner. @throws NodedevError `domain-invalid`: it has no name */
export function refOfDomain({ name, uuid }: Domain): DomainRef {
  if (name === undefined || name === '') {
    throw new NodedevError('domain-invalid', 'missing domain name information', {
      hint: 'give the domain a <name>',
    });
  }
  checkDomain({ name, uuid });
  return { name, uuid };
}
