import { isSameDomain } from '../../domain/domain-ref.ts';
import type { Holder, Host } from '../../host/host.ts';
import { claimedOwner } from '../devices/inventory.ts';
import type { StoreView } from '../store/store.ts';
import type { DomainRef } from '../../domain/domain-ref.ts';
import type { GroupOwner } from '../types.ts';
import { domainsNaming, type LibvirtDomain } from './libvirt-domains.ts';

/** What tells whose a group is, beside the files of its domain. */
export interface GroupUse {
  readonly name: string;
  /** Uuids, active or not. */
  readonly members: readonly string[];
  /** Who has members open; undefined: an ordinary user may not know. */
  readonly holders: readonly Holder[] | undefined;
}

/**
 * The domain a group belongs to: the one it was claimed for, else the one that has a member open, else the one libvirt
 * runs with a member, else the one whose configuration names one. Two that could be it are no owner: it is not guessed.
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
 * Whether a group is another domain's than this one. That a configuration names it does not count: domains may share a
 * device as long as they do not run together.
 */
export function isAnothers(owner: GroupOwner | undefined, domain: DomainRef): boolean {
  return owner !== undefined && owner.by !== 'defined' && !isSameDomain(owner, domain);
}

/** An owner beside another domain, for messages: of two of one name the uuid tells which is meant. */
export function ownerLabel({ name, uuid }: DomainRef, beside: DomainRef): string {
  return name === beside.name && uuid !== undefined ? `${name} (${uuid})` : name;
}

function onlyOne([first, ...others]: readonly LibvirtDomain[]): GroupOwner | undefined {
  if (first === undefined || !others.every((other) => isSameDomain(other, first))) return undefined;
  return { name: first.name, uuid: first.uuid, by: first.state };
}
