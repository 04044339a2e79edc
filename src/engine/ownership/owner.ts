import type { Host } from '../../host/host.ts';
import * as policy from '../../policy/owner.ts';
import type { GroupPicture } from '../../policy/picture.ts';
import { claimedDomain } from '../devices/inventory.ts';
import type { StoreView } from '../store/store.ts';
import { domainsNaming } from './libvirt-domains.ts';

/** A group with its members and holders, by which its owner is found. */
export type GroupUse = Omit<GroupPicture, 'claimed'>;

/** The owner of a group. */
export function ownerOf(
  host: Host,
  view: StoreView,
  group: GroupUse,
): policy.GroupOwner | undefined {
  const naming = (uuids: readonly string[]) => domainsNaming(host, view, uuids);
  const claimed = claimedDomain(view, group.name);
  return policy.ownerOf({ domainsNaming: naming }, { ...group, claimed });
}
