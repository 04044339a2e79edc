import { driverForType } from '../drivers/registry.ts';
import type { DeviceState } from '../engine/devices/host-state.ts';
import { groupMember, groupOwned, groupRequired } from '../engine/wording/messages.ts';
import { deviceForeign, domainIncomplete, groupRunning } from '../engine/ownership/messages.ts';
import { isSameDomain } from '../domain/domain-ref.ts';
import { isAnothers } from '../engine/ownership/owner.ts';
import type { DomainRef } from '../domain/domain-ref.ts';
import type { Issue } from '../errors.ts';
import { mdevName } from '../nodedev/names.ts';
import type { DesiredDomain } from './desired.ts';
import type { Draft, Target, DesiredDevice } from './draft.ts';
import type { HostIndex } from './host-index.ts';
import { domainDeviceMissing } from './messages.ts';

/** Adds to the plan the claims by which each group gets the domain that uses its devices as its owner. */
export function claimGroups(
  draft: Draft,
  domains: readonly DesiredDomain[],
  targets: ReadonlyMap<DesiredDevice, Target>,
): void {
  const byUuid = new Map([...targets].map((entry) => [entry[0].uuid, entry]));
  const owners = new Map<string, DomainRef>();
  for (const { owner, uses } of domains) {
    const used = uses.flatMap(({ uuid }) => {
      const entry = byUuid.get(uuid);
      return entry === undefined ? [] : [entry];
    });
    const needing = used.filter(([, { type }]) => driverForType(type.id)?.requiresGroup === true);
    const groups = [...new Set(needing.map(([{ group }]) => group))].toSorted();
    if (groups.length > 1) draft.refuse(groupRequired(owner.name, groups));
    for (const [{ uuid, group, order }, { parent }] of used) {
      const other = owners.get(group);
      if (other !== undefined && !isSameDomain(other, owner)) {
        draft.refuse(groupMember(mdevName(uuid, parent.address), group, other.name));
        continue;
      }
      const there = draft.index.under(parent.address, uuid);
      if (there !== undefined && isMadeByOthers(there)) {
        draft.refuse(deviceForeign(mdevName(uuid, parent.address)));
      } else if (other === undefined) claim(draft, group, owner, order);
      owners.set(group, owner);
    }
  }
}

function claim(draft: Draft, group: string, owner: DomainRef, order: number): void {
  const now = draft.index.owner(group);
  if (now !== undefined && isAnothers(now.owner, owner)) {
    const say = now.owner.by === 'running' ? groupRunning : groupOwned;
    draft.refuse(say(group, now.owner.name));
  } else if (now?.isClaimed !== true) draft.act(order, { action: 'claim', group, owner });
}

/** Whether another program made the device: then it is in none of our groups. */
function isMadeByOthers({ active, defined }: DeviceState): boolean {
  return active === undefined ? defined?.record === undefined : active.record === undefined;
}

/** Refuses to destroy only a part of the active devices that a libvirt domain names. */
export function keepDomainsWhole(draft: Draft): void {
  const { index, destroyed } = draft;
  if (destroyed.size === 0) return;
  for (const { name, file, mdevs } of index.state.domains) {
    if (!mdevs.some((uuid) => destroyed.has(uuid))) continue;
    const kept = mdevs
      .filter((uuid) => !destroyed.has(uuid))
      .flatMap((uuid) => index.active(uuid) ?? []);
    if (kept.length === 0) continue;
    const names = kept.map(({ uuid, parent }) => mdevName(uuid, parent));
    draft.refuse(domainIncomplete(name, file, names));
  }
}

/** Warnings about devices that a domain uses and that are neither desired nor on the host. */
export function missingDevices(
  index: HostIndex,
  domains: readonly DesiredDomain[],
  devices: readonly DesiredDevice[],
): readonly Issue[] {
  const desired = new Set(devices.map(({ uuid }) => uuid));
  return domains.flatMap(({ owner, uses }) =>
    uses
      .filter(({ uuid }) => !desired.has(uuid) && index.devices(uuid).length === 0)
      .map(({ uuid, location }) => domainDeviceMissing(owner.name, uuid, location)),
  );
}
