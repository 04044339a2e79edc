import { driverForType } from '../drivers/registry.ts';
import type { Host, HostDevice } from '../host/host.ts';
import type { Context } from './context.ts';
import type { DefinitionRef, StoredDefinition } from './definitions.ts';
import { claimedOwner, COMPUTER, deviceName, nameOf, parentName } from './inventory.ts';
import { groupMember, groupOpen, groupOwned, groupRequired, groupUnknown } from './messages.ts';
import type { StoreChange, StoreView } from './store.ts';
import type { DomainRef, GroupInfo, GroupMember } from './types.ts';

/** A group as it is now: someone else may have removed a device or a definition of it. */
export interface Group {
  readonly name: string;
  readonly number: number | undefined;
  readonly active: readonly HostDevice[];
  /** Members that are defined and not active. */
  readonly inactive: readonly StoredDefinition[];
  /** The domain it was claimed for, else the one that has a member open. */
  readonly owner: DomainRef | undefined;
  /** True while anybody has a member open. */
  readonly open: boolean;
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
  const { host, definitions } = context;
  const record = view.activeGroup(name);
  const active = (record?.members ?? []).flatMap((uuid) => host.find(uuid) ?? []);
  const activeNames = new Set(active.map(deviceName));
  const inactive = view
    .definitions()
    .filter((saved) => saved.group === name && !activeNames.has(nameOf(saved)))
    .flatMap((saved) => definitions.read(saved) ?? []);
  if (active.length === 0 && inactive.length === 0) return undefined;
  const holders = active.flatMap((device) => host.holders(device));
  const opener = holders.flatMap((holder) => holder.domain ?? [])[0];
  return {
    name,
    number: active.length === 0 ? undefined : record?.number,
    active,
    inactive,
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
    type: string,
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
      ...inactive.map((stored) => member(stored, false, stored.definition.type)),
    ],
    open,
  };
}

/** One owner at most; the same domain again changes nothing. @throws NodedevError `group-unknown`, `group-owned` */
export function claimGroup(
  context: Context,
  change: StoreChange,
  name: string,
  domain: DomainRef,
): void {
  const { owner } = findGroup(context, change, name);
  if (owner !== undefined && !isSameDomain(owner, domain)) throw groupOwned(name, owner.name);
  change.setOwner(name, { name: domain.name, uuid: domain.uuid ?? owner?.uuid });
}

/** @throws NodedevError `group-unknown`, `group-open`: a running domain keeps its devices */
export function releaseGroup(context: Context, change: StoreChange, name: string): void {
  if (findGroup(context, change, name).open) throw groupOpen(name);
  change.setOwner(name, undefined);
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
    const group = groupOf(context, view, device);
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
export function groupOf(context: Context, view: StoreView, device: HostDevice): Group | undefined {
  const name = view.device(device.ref.uuid)?.group;
  return name === undefined ? undefined : lookUpGroup(context, view, name);
}

/** By uuid where both are known: names can be reused. */
export function isSameDomain(a: DomainRef, b: DomainRef): boolean {
  return a.uuid !== undefined && b.uuid !== undefined ? a.uuid === b.uuid : a.name === b.name;
}

const nameOfRecord = (record: { readonly group: string } | { readonly name: string }): string =>
  'group' in record ? record.group : record.name;
