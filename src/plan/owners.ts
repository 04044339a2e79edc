import type { DeviceState } from '../engine/devices/host-state.ts';
import { groupOwned } from '../engine/wording/messages.ts';
import { deviceForeign, domainIncomplete, groupRunning } from '../engine/ownership/messages.ts';
import { isAnothers } from '../policy/owner.ts';
import type { DomainRef } from '../policy/domain-ref.ts';
import { mdevName } from '../nodedev/names.ts';
import type { DesiredDomain } from './desired.ts';
import type { Draft, Target, DesiredDevice } from './draft.ts';
import { mayGive } from '../policy/give.ts';
import { issueOf } from '../policy/verdict.ts';
import { PictureAfter } from './picture.ts';

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
  const picture = new PictureAfter(draft, targets);
  for (const { owner, uses, functions } of domains) {
    const mdevs = [...new Set(uses.map(({ uuid }) => uuid))].filter((uuid) => !refused.has(uuid));
    const { answer, reasons } = mayGive(picture, { domain: owner, mdevs, functions });
    const locate = (about: string) => uses.find(({ uuid }) => uuid === about)?.location;
    for (const reason of reasons) draft.tell(issueOf(reason, locate));
    if (answer === 'refused') continue;
    for (const uuid of mdevs) {
      const [desired, target] = byUuid.get(uuid) ?? [];
      if (desired === undefined || target === undefined) continue;
      const there = draft.index.under(target.parent.address, uuid);
      if (there !== undefined && isMadeByOthers(there)) {
        draft.refuse(deviceForeign(mdevName(uuid, target.parent.address)));
      } else if (!picture.isClaimed(desired.group))
        claim(draft, desired.group, owner, desired.order);
      picture.claim(desired.group, owner);
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
