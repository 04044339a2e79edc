import type { Holder, Host, HostDevice } from '../../host/host.ts';
import { holdersIfKnown } from '../holders.ts';
import { claimedOwner, groupNameOf } from '../inventory.ts';
import type { StoreView } from '../store.ts';
import type { DomainRef, GroupOwner } from '../types.ts';
import { domainsNaming, type LibvirtDomain } from './libvirt-domains.ts';
import { useUnknown } from './messages.ts';

/** What tells whose a group is. */
export interface Owned {
  readonly name: string;
  /** Uuids, active or not. */
  readonly members: readonly string[];
  /** Of the members; undefined: this user may not know. */
  readonly holders: readonly Holder[] | undefined;
}

/**
 * The domain a group belongs to: the one it was claimed for, else the one that has a member open, else the one libvirt
 * runs with a member, else the one whose configuration names one. Two that could be it are no owner: it is not guessed.
 *
 * @throws NodedevError `permission-denied`: it depends on who has a member open, and that is not known
 */
export function ownerOf(host: Host, view: StoreView, group: Owned): GroupOwner | undefined {
  const claimed = claimedOwner(view, group.name);
  if (claimed !== undefined) return claimed;
  const opener = knownHolders(group).flatMap((holder) => holder.domain ?? [])[0];
  if (opener !== undefined) return { name: opener, by: 'open' };
  const naming = domainsNaming(host, view, group.members);
  const running = naming.filter(({ state }) => state === 'running');
  return onlyOne(running.length > 0 ? running : naming);
}

/** The owner of one active device, whoever made it, as far as this user may know it. */
export function ownerOfDevice(
  host: Host,
  view: StoreView,
  device: HostDevice,
): GroupOwner | undefined {
  const { uuid } = device.ref;
  const name = groupNameOf(view, device) ?? uuid;
  return ownerOf(host, view, {
    name,
    members: [uuid],
    holders: holdersIfKnown(host, device) ?? [],
  });
}

/** Who has a group open, for who is about to change something. @throws NodedevError `permission-denied` */
export function knownHolders({ name, holders }: Owned): readonly Holder[] {
  if (holders === undefined) throw useUnknown(name);
  return holders;
}

/**
 * Whether a group is another domain's than this one. That a configuration names it does not count: domains may share a
 * device as long as they do not run together.
 */
export function isAnothers(owner: GroupOwner | undefined, domain: DomainRef): boolean {
  return owner !== undefined && owner.by !== 'defined' && !isSameDomain(owner, domain);
}

/** By uuid where both are known: names can be reused. */
export function isSameDomain(a: DomainRef, b: DomainRef): boolean {
  return a.uuid !== undefined && b.uuid !== undefined ? a.uuid === b.uuid : a.name === b.name;
}

function onlyOne([first, ...others]: readonly LibvirtDomain[]): GroupOwner | undefined {
  if (first === undefined || !others.every((other) => isSameDomain(other, first))) return undefined;
  return { name: first.name, uuid: first.uuid, by: first.state };
}
