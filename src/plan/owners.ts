import type { DeviceState } from '../engine/devices/host-state.ts';
import type { DomainRef } from '../policy/domain-ref.ts';
import { mdevName } from '../nodedev/names.ts';
import type { DesiredDomain } from './desired.ts';
import type { Draft, Target, DesiredDevice } from './draft.ts';
import { mayClaim } from '../policy/claim.ts';
import { mayDestroy, mayUndefine } from '../policy/destroy.ts';
import { mayGive } from '../policy/give.ts';
import { isAnothers } from '../policy/owner.ts';
import { foreign } from '../policy/reasons.ts';
import { errorOf, issueOf } from '../policy/verdict.ts';
import { PlanPicture } from './picture.ts';
import { release, releaseOthers } from './releases.ts';

/**
 * Adds to the plan the claims by which each group gets the domain that uses its devices as its owner. A domain that may not
 * have its devices is a refusal.
 */
export function claimGroups(
  draft: Draft,
  domains: readonly DesiredDomain[],
  targets: ReadonlyMap<DesiredDevice, Target>,
  devices: readonly DesiredDevice[],
): void {
  const byUuid = new Map([...targets].map((entry) => [entry[0].uuid, entry]));
  // Why such a device cannot be there is a refusal already.
  const refused = new Set(devices.filter((each) => !targets.has(each)).map(({ uuid }) => uuid));
  // Before any of them is asked: a domain may get what was claimed for another one.
  for (const [group, owner] of draft.owners) {
    const now = draft.index.owner(group)?.owner;
    if (now !== undefined && isAnothers(now, owner)) release(draft, group);
  }
  const picture = new PlanPicture(draft.index, {
    destroyed: draft.destroyed,
    undefined: draft.undefined,
    isReleased: draft.isReleased,
    targets,
  });
  for (const { owner, uses, ...taken } of domains) {
    const mdevs = [...new Set(uses.map(({ uuid }) => uuid))].filter((uuid) => !refused.has(uuid));
    const { answer, reasons } = mayGive(picture, { domain: owner, mdevs, ...taken });
    const locate = (about: string) => uses.find(({ uuid }) => uuid === about)?.location;
    for (const reason of reasons) draft.tell(issueOf(reason, locate));
    if (answer === 'refused') continue;
    for (const uuid of mdevs) {
      const [desired, target] = byUuid.get(uuid) ?? [];
      if (desired === undefined || target === undefined) continue;
      const there = draft.index.under(target.parent.address, uuid);
      if (there !== undefined && isMadeByOthers(there) && draft.options.adopt !== true) {
        draft.refuse(errorOf(foreign(mdevName(uuid, target.parent.address), uuid)));
      } else if (!picture.isClaimed(desired.group))
        claim(draft, desired.group, owner, desired.order);
      picture.claim(desired.group, owner);
    }
    // What is only named is not claimed, but no other domain of the plan gets its group.
    for (const uuid of mdevs) {
      const group = picture.active(uuid)?.group ?? picture.defined(uuid)[0]?.group;
      if (group !== undefined) picture.claim(group, owner);
    }
  }
  releaseOthers(draft, (group) => picture.isClaimed(group));
}

function claim(draft: Draft, group: string, owner: DomainRef, order: number): void {
  const picture = new PlanPicture(draft.index, { isReleased: draft.isReleased });
  const verdict = mayClaim(picture, group, owner);
  for (const reason of verdict.reasons) draft.tell(issueOf(reason));
  const now = draft.isReleased(group) ? undefined : draft.index.owner(group);
  // A renamed domain keeps its uuid.
  const isClaimed = now?.isClaimed === true && now.owner.name === owner.name;
  if (verdict.answer !== 'refused' && !isClaimed) {
    draft.act(order, { action: 'claim', group, owner });
  }
}

/** Whether another program made the device: then it is in none of our groups. */
function isMadeByOthers({ active, defined }: DeviceState): boolean {
  return active === undefined ? defined?.record === undefined : active.record === undefined;
}

/**
 * Refuses to destroy what must not be destroyed, and to undefine a part of what a domain has. What is desired all the same
 * is made again.
 */
export function checkRemoved(draft: Draft, devices: readonly DesiredDevice[]): void {
  const picture = new PlanPicture(draft.index, { isReleased: draft.isReleased });
  const again = new Set(devices.map(({ uuid }) => uuid));
  const { reasons } = mayDestroy(picture, [...draft.destroyed], {
    again,
    adopt: draft.options.adopt,
  });
  const undefining = mayUndefine(picture, [...draft.undefined], again);
  for (const reason of [...reasons, ...undefining.reasons]) draft.tell(issueOf(reason));
}
