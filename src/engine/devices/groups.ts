import type { Host, HostDevice } from '../../host/host.ts';
import type { Context } from '../context.ts';
import type { DefinitionRef } from '../definitions/definitions.ts';
import { asksForGroup } from './asks-for-group.ts';
import { holdersOfAny } from './holders.ts';
import {
  COMPUTER,
  groupNameOf,
  type KnownDevice,
  knownDevice,
  nameOf,
  parentNames,
  recordOf,
} from './inventory.ts';
import { groupUnknown } from '../wording/messages.ts';
import { ownerOf, type GroupUse } from '../ownership/owner.ts';
import type { StoreChange, StoreView } from '../store/store.ts';
import type { GroupInfo, GroupMember } from '../listed-device.ts';

/** The active members of a group. Another program may have removed some. */
export interface ActiveGroup extends GroupUse {
  readonly number: number | undefined;
  readonly active: readonly HostDevice[];
}

/** A group with its active and its defined members; it has at least one. */
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

/** A group by its name; undefined when it has no member. */
export function lookUpGroup(context: Context, view: StoreView, name: string): Group | undefined {
  const group = activeGroup(context.host, view, name);
  const inactive = view
    .definitionsOf(name)
    .flatMap((saved) => knownDevice(context, saved) ?? [])
    .filter((device) => device.active === undefined);
  return group.active.length === 0 && inactive.length === 0 ? undefined : { ...group, inactive };
}

/** The active part of a group, found without opening a definition file. */
export function activeGroup(host: Host, view: StoreView, name: string): ActiveGroup {
  const record = view.activeGroup(name);
  const recorded = (record?.members ?? [])
    .flatMap((uuid) => host.find(uuid) ?? [])
    .filter((device) => recordOf(view, device) !== undefined);
  const defined = view.definitionsOf(name);
  const active = [...recorded, ...startedByOthers(host, view, defined)];
  return {
    name,
    number: recorded.length === 0 ? undefined : record?.number,
    active,
    members: [...active.map(({ ref }) => ref.uuid), ...defined.map(({ uuid }) => uuid)],
    holders: holdersOfAny(host, active),
  };
}

/** The group of an active device. A device that another program made counts as a group of its own. */
export function groupOf(host: Host, view: StoreView, device: HostDevice): GroupUse {
  const name = groupNameOf(view, device);
  if (name !== undefined) return activeGroup(host, view, name);
  const { uuid } = device.ref;
  return { name: uuid, members: [uuid], holders: holdersOfAny(host, [device]) };
}

/** Devices that were defined here, and that mdevctl or libvirt started. */
function startedByOthers(
  host: Host,
  view: StoreView,
  defined: readonly DefinitionRef[],
): readonly HostDevice[] {
  return defined
    .flatMap(({ parent, uuid }) => {
      const device = host.find(uuid);
      return device?.ref.parent === parent ? [device] : [];
    })
    .filter((device) => recordOf(view, device) === undefined);
}

export function groupInfo(host: Host, view: StoreView, group: Group): GroupInfo {
  const { name, number, active, inactive, holders } = group;
  const open = holders === undefined ? undefined : holders.length > 0;
  const nameOfParent = parentNames(host);
  const member = (
    { parent: address, uuid }: DefinitionRef,
    isActive: boolean,
    type: string | undefined,
  ): GroupMember => ({
    name: nameOf({ parent: address, uuid }),
    active: isActive,
    uuid,
    parent: nameOfParent(address) ?? COMPUTER,
    parentAddress: address,
    type,
  });
  const asks = (address: string, type: string): boolean => {
    const parent = host.parent(address);
    return asksForGroup(host, parent, parent && host.type(parent, type));
  };
  return {
    name,
    number,
    owner: ownerOf(host, view, group),
    members: [
      ...active.map(({ ref, type }) => member(ref, true, type)),
      ...inactive.map(({ ref, definition }) => member(ref, false, definition?.definition.type)),
    ],
    open,
    committed: active.some(({ ref, type }) => asks(ref.parent, type)) ? open : undefined,
  };
}

/**
 * A group that gets new members. If other programs have removed all its members (mdevctl undefine, a write to `remove`),
 * its records are removed: its owner must not own the next group of this name.
 *
 * @returns undefined when it has no member yet
 */
export function groupToJoin(
  context: Context,
  change: StoreChange,
  name: string,
): Group | undefined {
  const group = lookUpGroup(context, change, name);
  if (group !== undefined) return group;
  for (const uuid of change.activeGroup(name)?.members ?? []) change.deleteDevice(uuid);
  for (const saved of change.definitionsOf(name)) change.deleteDefinition(saved);
  return undefined;
}

const nameOfRecord = (record: { readonly group: string } | { readonly name: string }): string =>
  'group' in record ? record.group : record.name;
