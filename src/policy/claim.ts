import type { Holder } from '../host/host.ts';
import type { DomainRef } from './domain-ref.ts';
import { isAnothers, ownerLabel, ownerOf } from './owner.ts';
import type { GroupPicture, HostPicture } from './picture.ts';
import * as reasons from './reasons.ts';
import { type Reason, type Verdict, verdict } from './verdict.ts';

/** May a group be claimed for a domain? Not when it is another domain's. Codes: `group-owned` */
export function mayClaim(picture: HostPicture, name: string, domain: DomainRef): Verdict {
  const owner = ownerOf(picture, picture.group(name));
  if (owner === undefined || !isAnothers(owner, domain)) return verdict([]);
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

/**
 * May devices come into this group, or leave it? Only while nobody uses it. Codes: `group-open`, `group-owned`
 *
 * @param group with the domain it is lent to while that runs
 */
export function mayRegroup(
  picture: HostPicture,
  group: GroupPicture & { readonly lentTo?: DomainRef | undefined },
): Verdict {
  const [holder] = group.holders ?? [];
  if (holder !== undefined) return verdict([openIn(group.name, holder)]);
  const running =
    group.lentTo ?? picture.domainsNaming(group.members).find(({ state }) => state === 'running');
  return verdict(running === undefined ? [] : [reasons.groupRunning(group.name, running.name)]);
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
      return [reasons.notHotplugged(name, device.uuid, reasons.holderLabel(holder), refusal)];
    }),
  );
}
