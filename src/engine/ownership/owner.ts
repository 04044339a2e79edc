import { isSameDomain } from '../../domain/domain-ref.ts';
import type { Holder, Host } from '../../host/host.ts';
import { claimedOwner } from '../devices/inventory.ts';
import type { StoreView } from '../store/store.ts';
import type { DomainRef } from '../../domain/domain-ref.ts';
import type { GroupOwner } from '../types.ts';
import { domainsNaming, type LibvirtDomain } from './libvirt-domains.ts';

/** A group with its members and holders, by which its owner is found. */
export interface GroupUse {
  readonly name: string;
  /** Uuids of active and inactive members. */
  readonly members: readonly string[];
  /** The holders of its members; undefined: an ordinary user must not see them. */
  readonly holders: readonly Holder[] | undefined;
}

/**
 * The owner of a group: the domain it was claimed for; else the domain that has a member open; else the running libvirt
 * domain with a member; else the domain whose configuration names a member. When two domains are equally likely, there
 * is no owner.
 */
export function ownerOf(
  host: Host,
  view: StoreView,
  { name, members, holders = [] }: GroupUse,
): GroupOwner | undefined {
  const claimed = claimedOwner(view, name);
  if (claimed !== undefined) return claimed;
  const opener = holders.flatMap((holder) => holder.domain ?? [])[0];
  if (opener !== undefined) return { name: opener, by: 'open' };
  const naming = domainsNaming(host, view, members);
  const running = naming.filter(({ state }) => state === 'running');
  return onlyOne(running.length > 0 ? running : naming);
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

function onlyOne([first, ...others]: readonly LibvirtDomain[]): GroupOwner | undefined {
  if (first === undefined || !others.every((other) => isSameDomain(other, first))) return undefined;
  return { name: first.name, uuid: first.uuid, by: first.state };
}
