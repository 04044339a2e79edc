import { mayRelease } from '../policy/claim.ts';
import { type DomainRef, isSameDomain } from '../policy/domain-ref.ts';
import type { DesiredDomain } from './desired.ts';
import type { DesiredDevice, Draft } from './draft.ts';
import { PlanPicture } from './picture.ts';

/** The domains that are to own groups, by the group's name. */
export function desiredOwners(
  domains: readonly DesiredDomain[],
  devices: readonly DesiredDevice[],
): ReadonlyMap<string, DomainRef> {
  const groups = new Map(devices.map(({ uuid, group }) => [uuid, group]));
  return new Map(
    domains.flatMap(({ owner, uses }) =>
      uses.flatMap(({ uuid }) => {
        const group = groups.get(uuid);
        return group === undefined ? [] : [[group, owner] as const];
      }),
    ),
  );
}

/**
 * Whether a desired state may take a group back from the domain it was claimed for: it made the claim itself, or the domain is
 * the one that it wants the group for. A domain that runs keeps its devices.
 */
export function mayTakeBack(draft: Draft, group: string): boolean {
  const { index } = draft;
  const now = index.owner(group);
  if (now?.isClaimed !== true) return false;
  const wanted = draft.owners.get(group);
  const isOwn = now.isPlanned || (wanted !== undefined && isSameDomain(wanted, now.owner));
  return isOwn && mayRelease(new PlanPicture(index), group).answer !== 'refused';
}

/** Takes a group back, where that may be, once. */
export function release(draft: Draft, group: string): void {
  const owner = draft.index.owner(group)?.owner;
  if (owner === undefined || draft.isReleased(group) || !mayTakeBack(draft, group)) return;
  draft.release(group, owner);
}

/** Takes back what earlier desired states claimed, and this one does not; without `prune` it is left over. */
export function releaseOthers(draft: Draft, isClaimed: (group: string) => boolean): void {
  const told = new Set(
    draft.left.flatMap(({ uuid, reason }) => (reason === 'unchanged' ? [] : uuid)),
  );
  for (const { group, owner, isPlanned } of draft.index.state.owners) {
    if (!isPlanned || isClaimed(group)) continue;
    if (draft.options.prune === true) release(draft, group);
    if (draft.isReleased(group)) continue;
    for (const member of draft.index.members(group)) {
      if (!told.has(member.uuid)) draft.leave(member, 'left-over', owner.name);
    }
  }
}
