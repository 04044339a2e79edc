import { type DomainRef, isSameDomain } from './domain-ref.ts';
import type { ActiveDevice, GroupPicture, HostPicture, NamingDomain } from './picture.ts';

/** The owner of a group, and how it is known. */
export interface GroupOwner extends DomainRef {
  /**
   * `claim`: the group was claimed for it, or lent to it until it stops. Otherwise the owner was found, by the first that
   * applies: `open`: it has a member open; `running`: libvirt's state of a running domain names a member; `defined`: the
   * configuration of exactly one domain does.
   */
  readonly by: 'claim' | 'open' | 'running' | 'defined';
}

/**
 * The owner of a group: the domain it was claimed for; else the domain that has a member open; else the running libvirt
 * domain with a member; else the domain whose configuration names a member. When two domains are equally likely, there
 * is no owner.
 */
export function ownerOf(
  picture: Pick<HostPicture, 'domainsNaming'>,
  group: GroupPicture,
): GroupOwner | undefined {
  const { claimed, holders = [], members } = group;
  if (claimed !== undefined) return { ...claimed, by: 'claim' };
  const opener = holders.flatMap((holder) => holder.domain ?? [])[0];
  if (opener !== undefined) return { name: opener, by: 'open' };
  const naming = picture.domainsNaming(members);
  const running = naming.filter(({ state }) => state === 'running');
  return onlyOne(running.length > 0 ? running : naming);
}

/** The group of an active device. A device that another program made counts as a group of its own. */
export function groupOf(
  picture: HostPicture,
  { uuid, group, holders }: Pick<ActiveDevice, 'uuid' | 'group' | 'holders'>,
): GroupPicture {
  return group === undefined ? { name: uuid, members: [uuid], holders } : picture.group(group);
}

/**
 * Whether a group belongs to another domain. An owner found only by its configuration does not count, because domains may
 * share a device as long as they do not run at the same time.
 */
export function isAnothers(owner: GroupOwner | undefined, domain: DomainRef): boolean {
  return owner !== undefined && owner.by !== 'defined' && !isSameDomain(owner, domain);
}

/** An owner's name for messages, with its uuid when the domain in the same message has the same name. */
export function ownerLabel({ name, uuid }: DomainRef, beside: DomainRef): string {
  return name === beside.name && uuid !== undefined ? `${name} (${uuid})` : name;
}

function onlyOne([first, ...others]: readonly NamingDomain[]): GroupOwner | undefined {
  if (first === undefined || !others.every((other) => isSameDomain(other, first))) return undefined;
  return { name: first.name, uuid: first.uuid, by: first.state };
}
