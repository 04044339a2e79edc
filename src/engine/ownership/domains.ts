import type { Domain } from '../../domain/domain.ts';
import { NodedevError } from '../../errors.ts';
import type { HostDevice } from '../../host/host.ts';
import type { SimulatedHost } from '../../host/simulated/host.ts';
import type { Context } from '../context.ts';
import { domainIsVm } from '../wording/attach-messages.ts';
import { holderLabel } from '../../policy/reasons.ts';
import { domainUnknown, hostdevWithoutUuid } from '../wording/messages.ts';
import { checkDomain } from '../devices/names.ts';
import { usageOf } from '../../domain/usage.ts';
import { mayPlug } from '../../policy/claim.ts';
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
 * @throws NodedevError those of {@link devicesFor}, `in-use`
 */
export function startDomain(
  context: Context,
  host: SimulatedHost,
  view: StoreView,
  domain: Domain,
): readonly HostDevice[] {
  const owner = refOfDomain(domain);
  const devices = devicesFor(context, host, view, domain);
  try {
    host.open(devices, { domain: owner.name });
  } catch (error) {
    throw refusal(error, `Unable to start domain '${owner.name}'`);
  }
  return devices;
}

/**
 * The mediated devices of a domain that it has not open, and may open.
 *
 * @throws NodedevError those of {@link mayGive}, `hotplug-refused`
 */
export function devicesFor(
  context: Context,
  host: SimulatedHost,
  view: StoreView,
  domain: Domain,
): readonly HostDevice[] {
  const owner = refOfDomain(domain);
  const mediated = domain.hostdevs.filter(
    ({ type, uuid }) => type === 'mdev' || uuid !== undefined,
  );
  const unnamed = mediated.find(({ uuid }) => uuid === undefined);
  if (unnamed !== undefined) throw hostdevWithoutUuid(unnamed.location);
  const picture = pictureOf(context, view, { forChange: true });
  requireAllowed(
    mayGive(picture, usageOf(domain), { startsDevices: false }),
    (about) => mediated.find(({ uuid }) => uuid === about)?.location,
  );
  const held = openIn(host, owner.name).map(({ ref }) => ref.uuid);
  const mdevs = mediated.flatMap(({ uuid }) => uuid ?? []);
  requireAllowed(mayPlug(picture, owner, mdevs, held));
  return mdevs.filter((uuid) => !held.includes(uuid)).flatMap((uuid) => host.find(uuid) ?? []);
}

/**
 * Closes the devices that {@link startDomain} opened. The domain keeps groups that were claimed for it.
 *
 * @throws NodedevError `device-inactive`: no device is open in this domain; `in-use`: a VM really has them open
 */
export function stopDomain(host: SimulatedHost, name: string): readonly HostDevice[] {
  const devices = openIn(host, name);
  if (devices.length === 0) throw domainUnknown(name);
  const vm = devices.flatMap((one) => host.holders(one)).find((one) => one.command !== undefined);
  if (vm !== undefined) throw domainIsVm(name, holderLabel(vm));
  try {
    host.close({ domain: name }, devices);
  } catch (error) {
    throw refusal(error, `Unable to stop domain '${name}'`);
  }
  return devices;
}

/** The devices that a domain has open. */
export const openIn = (host: SimulatedHost, domain: string): readonly HostDevice[] =>
  host
    .devices()
    .items.filter((device) => host.holders(device).some((one) => one.domain === domain));

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
