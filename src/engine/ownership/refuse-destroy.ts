import type { HostDevice } from '../../host/host.ts';
import type { Context } from '../context.ts';
import { groupOf } from '../devices/groups.ts';
import { deviceName, groupNameOf } from '../devices/inventory.ts';
import { groupOwned } from '../wording/messages.ts';
import type { StoreChange } from '../store/store.ts';
import type { DomainRef } from '../../policy/domain-ref.ts';
import type { AdoptOptions } from '../types.ts';
import { refuseForeign } from './foreign.ts';
import { domainsNaming } from './libvirt-domains.ts';
import { domainIncomplete, groupRunning } from './messages.ts';
import { isSameDomain } from '../../policy/domain-ref.ts';
import { isAnothers } from '../../policy/owner.ts';
import { ownerOf } from './owner.ts';

export interface DestroyChecks extends AdoptOptions {
  /** The domain that has stopped, for which they are destroyed: its own devices may be destroyed. */
  readonly stopped?: DomainRef | undefined;
}

/**
 * Checks that these devices may be destroyed together. Refused are devices of other programs, devices of a group that a
 * domain owns, has open or runs with, and only a part of the devices that a domain's configuration names: the domain
 * could not start with the rest. All of them may be destroyed together.
 *
 * @throws NodedevError `device-foreign`, `group-owned`, `domain-incomplete`
 */
export function refuseDestroy(
  context: Context,
  change: StoreChange,
  devices: readonly HostDevice[],
  { adopt, stopped }: DestroyChecks,
): void {
  refuseForeign(change, devices, adopt);
  const groups = new Map(
    devices.map((device) => [groupNameOf(change, device) ?? device.ref.uuid, device]),
  );
  for (const device of groups.values()) refuseOwned(context, change, device, stopped);
  if (stopped === undefined) refusePart(context, change, devices);
}

function refuseOwned(
  { host }: Context,
  change: StoreChange,
  device: HostDevice,
  stopped: DomainRef | undefined,
): void {
  const group = groupOf(host, change, device);
  const owner = ownerOf(host, change, group);
  if (owner !== undefined && owner.by !== 'running' && isAnothers(owner, stopped ?? NOBODY)) {
    throw groupOwned(group.name, owner.name);
  }
  const running = domainsNaming(host, change, group.members).find(
    (domain) =>
      domain.state === 'running' && (stopped === undefined || !isSameDomain(domain, stopped)),
  );
  if (running !== undefined) throw groupRunning(group.name, running.name);
}

/** Stands for no domain, since no domain has an empty name. */
const NOBODY: DomainRef = { name: '' };

function refusePart({ host }: Context, change: StoreChange, devices: readonly HostDevice[]): void {
  const gone = new Set(devices.map(({ ref }) => ref.uuid));
  for (const { name, file, mdevs } of domainsNaming(host, change, [...gone])) {
    const kept = mdevs.filter((uuid) => !gone.has(uuid)).flatMap((uuid) => host.find(uuid) ?? []);
    if (kept.length > 0) throw domainIncomplete(name, file, kept.map(deviceName));
  }
}
