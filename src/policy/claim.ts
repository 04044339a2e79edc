import type { Holder } from '../host/host.ts';
import { type DomainRef, isSameDomain } from './domain-ref.ts';
import { mdevName } from '../nodedev/names.ts';
import { isAnothers, ownerLabel, ownerOf } from './owner.ts';
import { withoutHostdev } from './hostdev.ts';
import type { GroupPicture, HostPicture } from './picture.ts';
import * as reasons from './reasons.ts';
import { type Reason, type Verdict, verdict } from './verdict.ts';

/**
 * May a group be claimed for a domain? Not when it is another domain's, or a member gets no hostdev. Codes: `group-owned`,
 * `device-unusable`
 */
export function mayClaim(picture: HostPicture, name: string, domain: DomainRef): Verdict {
  const group = picture.group(name);
  const owner = ownerOf(picture, group);
  if (owner === undefined || !isAnothers(owner, domain)) {
    return verdict(withoutHostdev(picture, group.members));
  }
  const label = ownerLabel(owner, domain);
  return verdict([
    owner.by === 'running' ? reasons.groupRunning(name, label) : reasons.groupOwned(name, label),
  ]);
}

/**
 * May a group be taken away from its owner? A running domain keeps its devices, and a configuration names them until it is
 * edited. Codes: `group-open`, `group-owned`
 */
export function mayRelease(picture: HostPicture, name: string): Verdict {
  const group = picture.group(name);
  const [holder] = group.holders ?? [];
  if (holder !== undefined) return verdict([openIn(name, holder)]);
  const naming = picture.domainsNaming(group.members);
  const running = naming.find(({ state }) => state === 'running');
  if (running !== undefined) return verdict([reasons.groupRunning(name, running.name)]);
  const [named] = naming;
  const isNamedOnly = ownerOf(picture, group)?.by === 'defined';
  return verdict(
    isNamedOnly && named !== undefined ? [reasons.groupNamed(name, named.name, named.file)] : [],
  );
}

/** May devices come into this group, or leave it? Only while nobody uses it. Codes: `group-open`, `group-owned` */
function mayRegroup(picture: HostPicture, group: GroupPicture): Verdict {
  const [holder] = group.holders ?? [];
  if (holder !== undefined) return verdict([openIn(group.name, holder)]);
  const running =
    group.lentTo ?? picture.domainsNaming(group.members).find(({ state }) => state === 'running');
  return verdict(running === undefined ? [] : [reasons.groupRunning(group.name, running.name)]);
}

/**
 * May devices of one group go to another one? Only while nobody uses either, and not out of a group that a domain owns which does
 * not own the other one. Codes: `group-open`, `group-owned`
 *
 * @param from the group they are in; that of a device of another program has its uuid as name
 */
export function mayMove(picture: HostPicture, from: GroupPicture, to: GroupPicture): Verdict {
  const { reasons: used } = verdict(
    [to, from].flatMap((group) => mayRegroup(picture, group).reasons),
  );
  const isOwners =
    from.claimed === undefined ||
    (to.claimed !== undefined && isSameDomain(from.claimed, to.claimed));
  if (used.length > 0 || isOwners) return verdict(used);
  return verdict([reasons.groupOwned(from.name, from.claimed.name)]);
}

const openIn = (group: string, holder: Holder): Reason =>
  reasons.groupOpen(group, reasons.holderLabel(holder));

/** A device that is to become active in a group. */
export interface Joining {
  readonly uuid: string;
  /** sysfs name of the parent. */
  readonly parent: string;
  /** The type's id. */
  readonly type: string;
}

/**
 * May these devices become active in a group? When a VM has the group open already, their driver decides whether one more
 * can be added. Codes: `hotplug-refused`
 */
export function mayJoin(
  picture: HostPicture,
  name: string,
  joining: readonly Joining[],
  allowHotplug = false,
): Verdict {
  const [holder] = allowHotplug ? [] : (picture.group(name).holders ?? []);
  if (holder === undefined) return verdict([]);
  return verdict(
    joining.flatMap((device) => {
      const refusal = picture.hotplugRefusal({ ...device, holder: holder.domain });
      if (refusal === undefined) return [];
      const running = `group '${name}' is open in ${reasons.holderLabel(holder)}`;
      return [reasons.notHotplugged(running, device.uuid, refusal, true)];
    }),
  );
}

/**
 * May a domain that runs with some devices be started with these? Only as hot-plug: those it has stay, and their driver decides
 * whether more can be added. With none it does not run, which is another question. Codes: `in-use`, `hotplug-refused`
 *
 * @param held uuids of the devices it has open
 */
export function mayPlug(
  picture: HostPicture,
  { name }: DomainRef,
  mdevs: readonly string[],
  held: readonly string[],
): Verdict {
  if (held.length === 0) return verdict([]);
  const added = mdevs.filter((uuid) => !held.includes(uuid));
  const kept = held
    .filter((uuid) => !mdevs.includes(uuid))
    .flatMap((uuid) => picture.active(uuid) ?? []);
  if (added.length + kept.length === 0) return verdict([reasons.runsAlready(name)]);
  const plugged = added.flatMap((uuid) => picture.active(uuid) ?? []);
  return verdict([
    ...kept.map(({ uuid, parent }) => reasons.notUnplugged(name, mdevName(uuid, parent))),
    ...plugged.flatMap(({ uuid, parent, type }) => {
      const refusal = picture.hotplugRefusal({ uuid, parent, type, holder: name });
      return refusal === undefined
        ? []
        : [reasons.notHotplugged(`domain '${name}' is running`, uuid, refusal, false)];
    }),
  ]);
}
