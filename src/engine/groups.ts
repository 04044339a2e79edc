import { driverForType } from '../drivers/registry.ts';
import type { Host, HostDevice } from '../host/host.ts';
import type { Context } from './context.ts';
import type { DefinitionRef } from './definitions.ts';
import {
  claimedOwner,
  COMPUTER,
  deviceName,
  type KnownDevice,
  knownDevice,
  nameOf,
  parentName,
  recordOf,
} from './inventory.ts';
import { groupMember, groupOpen, groupOwned, groupRequired, groupUnknown } from './messages.ts';
import { checkDomain } from './names.ts';
import type { Steps } from './steps.ts';
import type { StoreChange, StoreView } from './store.ts';
import type { DomainRef, GroupInfo, GroupMember } from './types.ts';

/** What is active of a group: someone else may have removed a device of it. */
export interface ActiveGroup {
  readonly name: string;
  readonly number: number | undefined;
  readonly active: readonly HostDevice[];
  /** The domain it was claimed for, else the one that has a member open. */
  readonly owner: DomainRef | undefined;
  /** True while anybody has a member open. */
  readonly open: boolean;
}

/** A group as it is now, with what is defined of it; there is a member at least. */
export interface Group extends ActiveGroup {
  /** Members that are defined and not active. */
  readonly inactive: readonly KnownDevice[];
}

/** @throws NodedevError `group-unknown` */
export function findGroup(context: Context, view: StoreView, name: string): Group {
  const group = lookUpGroup(context, view, name);
  if (group !== undefined) return group;
  throw groupUnknown(
    name,
    allGroups(context, view).map((known) => known.name),
  );
}

/** Sorted by number, those without an active member last. */
export function allGroups(context: Context, view: StoreView): readonly Group[] {
  const names = new Set([...view.activeGroups(), ...view.definitions()].map(nameOfRecord));
  return [...names]
    .flatMap((name) => lookUpGroup(context, view, name) ?? [])
    .toSorted(
      (a, b) => (a.number ?? Infinity) - (b.number ?? Infinity) || (a.name < b.name ? -1 : 1),
    );
}

/** Undefined when it has no member. */
export function lookUpGroup(context: Context, view: StoreView, name: string): Group | undefined {
  const group = activeGroup(context.host, view, name);
  const inactive = view
    .definitionsOf(name)
    .flatMap((saved) => knownDevice(context, saved) ?? [])
    .filter((device) => device.active === undefined);
  return group.active.length === 0 && inactive.length === 0 ? undefined : { ...group, inactive };
}

/** The part of a group that opening no definition tells. */
export function activeGroup(host: Host, view: StoreView, name: string): ActiveGroup {
  const record = view.activeGroup(name);
  const active = (record?.members ?? [])
    .flatMap((uuid) => host.find(uuid) ?? [])
    .filter((device) => recordOf(view, device) !== undefined);
  const holders = active.flatMap((device) => host.holders(device));
  const opener = holders.flatMap((holder) => holder.domain ?? [])[0];
  return {
    name,
    number: active.length === 0 ? undefined : record?.number,
    active,
    owner: claimedOwner(view, name) ?? (opener === undefined ? undefined : { name: opener }),
    open: holders.length > 0,
  };
}

export function groupInfo(
  host: Host,
  { name, number, active, inactive, owner, open }: Group,
): GroupInfo {
  const member = (
    { parent: address, uuid }: DefinitionRef,
    isActive: boolean,
    type: string | undefined,
  ): GroupMember => {
    const parent = host.parent(address);
    return {
      name: nameOf({ parent: address, uuid }),
      active: isActive,
      uuid,
      parent: parent === undefined ? COMPUTER : parentName(parent),
      parentAddress: address,
      type,
    };
  };
  return {
    name,
    number,
    owner,
    members: [
      ...active.map(({ ref, type }) => member(ref, true, type)),
      ...inactive.map(({ ref, definition }) => member(ref, false, definition?.definition.type)),
    ],
    open,
  };
}

/**
 * Forgets what is remembered of a group that others emptied (mdevctl undefine, a write to `remove`): its owner must not
 * come back with the next group of this name.
 */
export function forgetEmptyGroup(context: Context, change: StoreChange, name: string): void {
  if (lookUpGroup(context, change, name) !== undefined) return;
  for (const uuid of change.activeGroup(name)?.members ?? []) change.deleteDevice(uuid);
  for (const saved of change.definitionsOf(name)) change.deleteDefinition(saved);
}

/**
 * One owner at most; the same domain again changes nothing.
 *
 * @throws NodedevError `domain-invalid`, `group-unknown`, `group-owned`
 */
export function claimGroup(
  context: Context,
  change: StoreChange,
  steps: Steps,
  name: string,
  domain: DomainRef,
): void {
  checkDomain(domain);
  const { owner } = findGroup(context, change, name);
  if (owner !== undefined && !isSameDomain(owner, domain)) throw groupOwned(name, owner.name);
  intendOwner(change, steps, 'claim', name);
  change.setOwner(name, { name: domain.name, uuid: domain.uuid ?? owner?.uuid });
}

/** @throws NodedevError `group-unknown`, `group-open`: a running domain keeps its devices */
export function releaseGroup(
  context: Context,
  change: StoreChange,
  steps: Steps,
  name: string,
): void {
  if (findGroup(context, change, name).open) throw groupOpen(name);
  intendOwner(change, steps, 'release', name);
  change.setOwner(name, undefined);
}

/** One of the store's two parts is kept or not by itself; both need the journal. */
function intendOwner(
  change: StoreChange,
  steps: Steps,
  operation: 'claim' | 'release',
  name: string,
): void {
  const active = change.activeGroup(name);
  if (active === undefined || change.definitionsOf(name).length === 0) return;
  steps.intend([{ do: operation, group: name, owner: active.owner }]);
}

/**
 * Whether a domain may take these devices: no member goes to a second domain, and devices whose drivers commit a VM's
 * devices together are all in one group.
 *
 * @throws NodedevError `group-member`, `group-required`
 */
export function checkDomainDevices(
  context: Context,
  view: StoreView,
  domain: DomainRef,
  devices: readonly HostDevice[],
): void {
  const needing = new Set<string>();
  for (const device of devices) {
    const group = groupOf(context.host, view, device);
    if (group?.owner !== undefined && !isSameDomain(group.owner, domain)) {
      throw groupMember(deviceName(device), group.name, group.owner.name);
    }
    if (driverForType(device.type)?.requiresGroup === true) {
      needing.add(group?.name ?? device.ref.uuid);
    }
  }
  if (needing.size > 1) throw groupRequired(domain.name, [...needing].toSorted());
}

/** The group of an active device; undefined for a device somebody else made. */
export function groupOf(host: Host, view: StoreView, device: HostDevice): ActiveGroup | undefined {
  const name = recordOf(view, device)?.group;
  return name === undefined ? undefined : activeGroup(host, view, name);
}

/** By uuid where both are known: names can be reused. */
export function isSameDomain(a: DomainRef, b: DomainRef): boolean {
  return a.uuid !== undefined && b.uuid !== undefined ? a.uuid === b.uuid : a.name === b.name;
}

const nameOfRecord = (record: { readonly group: string } | { readonly name: string }): string =>
  'group' in record ? record.group : record.name;
