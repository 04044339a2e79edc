import { driverForType } from '../drivers/registry.ts';
import { isSameDomain } from '../engine/groups.ts';
import { groupMember, groupOwned, groupRequired } from '../engine/messages.ts';
import type { DomainRef } from '../engine/types.ts';
import type { Issue } from '../errors.ts';
import { mdevName } from '../nodedev/names.ts';
import type { DesiredDomain } from './desired.ts';
import type { Draft, Target, Wanted } from './draft.ts';
import type { HostIndex } from './host-index.ts';
import { domainDeviceMissing } from './messages.ts';

/** Adds to the plan that each group goes to the domain that uses a device of it. */
export function claimGroups(
  draft: Draft,
  domains: readonly DesiredDomain[],
  targets: ReadonlyMap<Wanted, Target>,
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
    for (const [{ uuid, group, order }, { place }] of used) {
      const other = owners.get(group);
      if (other !== undefined && !isSameDomain(other, owner)) {
        draft.refuse(groupMember(mdevName(uuid, place.parent.address), group, other.name));
        continue;
      }
      if (other === undefined) claim(draft, group, owner, order);
      owners.set(group, owner);
    }
  }
}

function claim(draft: Draft, group: string, owner: DomainRef, order: number): void {
  const now = draft.index.owner(group);
  if (now !== undefined && !isSameDomain(now, owner)) draft.refuse(groupOwned(group, now.name));
  else if (draft.index.claimedBy(group) === undefined) {
    draft.act(order, { action: 'claim', group, owner });
  }
}

/** Devices that a domain uses, which are neither desired nor on the host. */
export function missingDevices(
  index: HostIndex,
  domains: readonly DesiredDomain[],
  wanted: readonly Wanted[],
): readonly Issue[] {
  const desired = new Set(wanted.map(({ uuid }) => uuid));
  return domains.flatMap(({ owner, uses }) =>
    uses
      .filter(({ uuid }) => !desired.has(uuid) && index.devices(uuid).length === 0)
      .map(({ uuid, location }) => domainDeviceMissing(owner.name, uuid, location)),
  );
}
