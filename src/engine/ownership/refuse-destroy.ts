import type { HostDevice } from '../../host/host.ts';
import type { Context } from '../context.ts';
import { groupOf } from '../devices/groups.ts';
import { deviceName, groupNameOf } from '../devices/inventory.ts';
import { groupOwned } from '../wording/messages.ts';
import type { StoreChange } from '../store/store.ts';
import type { DomainRef } from '../../domain/domain-ref.ts';
import type { AdoptOptions } from '../types.ts';
import { refuseForeign } from './foreign.ts';
import { domainsNaming } from './libvirt-domains.ts';
import { domainIncomplete, groupRunning } from './messages.ts';
import { isSameDomain } from '../../domain/domain-ref.ts';
import { isAnothers, ownerOf } from './owner.ts';

export interface DestroyChecks extends AdoptOptions {
  /** The domain they are destroyed for, because it has stopped: what is its own may go. */
  readonly stopped?: DomainRef | undefined;
}

/**
 * Whether these devices may be destroyed together. Refused are others' devices, those of a group that a domain was
 * given, has open or runs with, and a part of what a domain's configuration names: it would find the rest at its next
 * start. All that it names may go.
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

/** No domain has an empty name. */
const NOBODY: DomainRef = { name: '' };

function refusePart({ host }: Context, change: StoreChange, devices: readonly HostDevice[]): void {
  const gone = new Set(devices.map(({ ref }) => ref.uuid));
  for (const { name, file, mdevs } of domainsNaming(host, change, [...gone])) {
    const kept = mdevs.filter((uuid) => !gone.has(uuid)).flatMap((uuid) => host.find(uuid) ?? []);
    if (kept.length > 0) throw domainIncomplete(name, file, kept.map(deviceName));
  }
}
