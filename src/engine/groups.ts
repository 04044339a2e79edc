import { driverForType } from '../drivers/registry.ts';
import type { Host, HostDevice } from '../host/host.ts';
import { deviceName } from './inventory.ts';
import { groupMember, groupOpen, groupOwned, groupRequired, groupUnknown } from './messages.ts';
import type { GroupRecord, StoreChange, StoreView } from './store.ts';
import type { DomainRef, GroupInfo } from './types.ts';

/** @throws NodedevError `group-unknown` */
export function findGroup(view: StoreView, name: string): GroupRecord {
  const group = view.group(name);
  if (group !== undefined) return group;
  throw groupUnknown(
    name,
    view.groups().map((record) => record.name),
  );
}

/** The members that are still active: someone else may have removed one. */
export function membersOf(host: Host, group: GroupRecord): HostDevice[] {
  return group.members.flatMap((uuid) => host.find(uuid) ?? []);
}

export function groupInfo(host: Host, group: GroupRecord): GroupInfo {
  const members = membersOf(host, group);
  return {
    name: group.name,
    number: group.number,
    owner: ownerOf(host, group),
    members: members.map((device) => ({
      name: deviceName(device),
      uuid: device.ref.uuid,
      parent: device.ref.parent,
      type: device.type,
    })),
    open: isOpen(host, members),
  };
}

/** The domain a group was claimed for, else the one that has a member open. */
export function ownerOf(host: Host, group: GroupRecord): DomainRef | undefined {
  if (group.owner !== undefined) return group.owner;
  const name = membersOf(host, group)
    .flatMap((device) => host.holders(device))
    .flatMap((holder) => holder.domain ?? [])[0];
  return name === undefined ? undefined : { name };
}

const isOpen = (host: Host, members: readonly HostDevice[]): boolean =>
  members.some((device) => host.holders(device).length > 0);

/** One owner at most; the same domain again changes nothing. @throws NodedevError `group-unknown`, `group-owned` */
export function claimGroup(host: Host, change: StoreChange, name: string, domain: DomainRef): void {
  const owner = ownerOf(host, findGroup(change, name));
  if (owner !== undefined && !isSameDomain(owner, domain)) throw groupOwned(name, owner.name);
  change.setOwner(name, { name: domain.name, uuid: domain.uuid ?? owner?.uuid });
}

/** @throws NodedevError `group-unknown`, `group-open`: a running domain keeps its devices */
export function releaseGroup(host: Host, change: StoreChange, name: string): void {
  const group = findGroup(change, name);
  if (isOpen(host, membersOf(host, group))) throw groupOpen(name);
  change.setOwner(name, undefined);
}

/**
 * Whether a domain may take these devices: no member goes to a second domain, and devices whose drivers commit a VM's
 * devices together are all in one group.
 *
 * @throws NodedevError `group-member`, `group-required`
 */
export function checkDomainDevices(
  host: Host,
  view: StoreView,
  domain: DomainRef,
  devices: readonly HostDevice[],
): void {
  const needing = new Set<string>();
  for (const device of devices) {
    const name = view.device(device.ref.uuid)?.group;
    const group = name === undefined ? undefined : view.group(name);
    const owner = group === undefined ? undefined : ownerOf(host, group);
    if (group !== undefined && owner !== undefined && !isSameDomain(owner, domain)) {
      throw groupMember(deviceName(device), group.name, owner.name);
    }
    if (driverForType(device.type)?.requiresGroup === true) needing.add(name ?? device.ref.uuid);
  }
  if (needing.size > 1) throw groupRequired(domain.name, [...needing].toSorted());
}

/** By uuid where both are known: names can be reused. */
function isSameDomain(a: DomainRef, b: DomainRef): boolean {
  return a.uuid !== undefined && b.uuid !== undefined ? a.uuid === b.uuid : a.name === b.name;
}
