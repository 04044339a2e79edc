import type { Context } from '../context.ts';
import { notInGroup } from '../wording/messages.ts';
import { adoptedGroup, knownGroup } from '../ownership/foreign.ts';
import { mayRegroup } from '../../policy/claim.ts';
import { groupOwned } from '../../policy/reasons.ts';
import { errorOf, requireAllowed } from '../../policy/verdict.ts';
import type { Steps } from '../journal/steps.ts';
import type { StoreChange } from '../store/store.ts';
import { isSameDomain, type DomainRef } from '../../policy/domain-ref.ts';
import { groupToJoin, lookUpGroup } from './groups.ts';
import { groupHolders } from './holders.ts';
import { claimedOwner, type KnownDevice, nameOf, recordOf } from './inventory.ts';
import { checkGroupName } from './names.ts';
import { pictureOf } from './picture.ts';

/**
 * Moves devices, active or defined or both, to a group, which is made when it has no member. Its owner becomes theirs. A device
 * that is in the group stays as it is.
 *
 * @throws NodedevError `group-open`, `group-owned` (the group a device is in, or the new one, is used or is another domain's),
 *   `device-foreign`, `nodedev-invalid` (an unusable name)
 */
export function moveToGroup(
  context: Context,
  change: StoreChange,
  steps: Steps,
  devices: readonly KnownDevice[],
  name: string,
  mayAdopt = false,
): void {
  checkGroupName(name);
  const moved = devices.filter((device) => knownGroup(change, device) !== name);
  if (moved.length === 0) return;
  groupToJoin(context, change, name);
  const owner = refuseUsed(context, change, name);
  for (const device of moved) {
    const group = knownGroup(change, device);
    // A device of another program is in no group, but may be used all the same.
    const before = refuseUsed(context, change, group ?? device.ref.uuid, device);
    if (group !== undefined && before !== undefined && !(owner && isSameDomain(before, owner))) {
      throw errorOf(groupOwned(group, before.name));
    }
  }
  intend(change, steps, moved, name);
  for (const device of moved) move(context, change, device, name, mayAdopt);
  if (owner !== undefined) change.setOwner(name, { name: owner.name, uuid: owner.uuid });
}

/**
 * Makes devices of other programs ours, each in a group, as the first steps of a plan.
 *
 * @throws as {@link moveToGroup}
 */
export function adoptDevices(
  context: Context,
  change: StoreChange,
  steps: Steps,
  devices: readonly (readonly [device: KnownDevice, group: string])[],
): void {
  steps.intend(
    devices.map(([{ ref }, group]) => ({
      do: 'regroup',
      group,
      before: change.activeSnapshot([group], [ref.uuid]),
    })),
  );
  for (const [device, group] of devices) {
    steps.run(
      `adopted ${nameOf(device.ref)}`,
      () => {
        moveToGroup(context, change, steps, [device], group, true);
      },
      () => false, // the store's change is dropped
    );
  }
}

/** Takes devices out of a group: each is then in a group of its own. @throws as {@link moveToGroup}, and `group-member` */
export function takeOutOfGroup(
  context: Context,
  change: StoreChange,
  steps: Steps,
  devices: readonly KnownDevice[],
  name: string,
): void {
  const stranger = devices.find((device) => knownGroup(change, device) !== name);
  if (stranger !== undefined) throw notInGroup(nameOf(stranger.ref), name);
  for (const device of devices) moveToGroup(context, change, steps, [device], device.ref.uuid);
}

/**
 * Refuses a change of a group, or of a device that is in none, while somebody uses it.
 *
 * @returns the domain it was claimed for
 * @throws NodedevError `group-open`, `group-owned`
 */
function refuseUsed(
  context: Context,
  change: StoreChange,
  name: string,
  device?: KnownDevice,
): DomainRef | undefined {
  const { host } = context;
  const group = lookUpGroup(context, change, name);
  const active = group?.active ?? (device?.active === undefined ? [] : [device.active]);
  const holders = groupHolders(host, { active, holders: group?.holders });
  const members = group?.members ?? (device === undefined ? [] : [device.ref.uuid]);
  const lentTo = change.activeGroup(name)?.lentTo;
  const picture = pictureOf(context, change, { forChange: true });
  requireAllowed(mayRegroup(picture, { name, members, holders, lentTo }));
  return claimedOwner(change, name);
}

/** Keeps the groups in the journal: the two parts of the store are written one after the other, and a kill may come between. */
function intend(
  change: StoreChange,
  steps: Steps,
  devices: readonly KnownDevice[],
  name: string,
): void {
  const isActive = devices.some(({ active }) => active && recordOf(change, active) !== undefined);
  const isDefined = devices.some(({ ref }) => change.definition(ref) !== undefined);
  if (!isActive || !isDefined) return;
  const groups = new Set([name, ...devices.flatMap((device) => knownGroup(change, device) ?? [])]);
  const uuids = devices.map(({ ref }) => ref.uuid);
  steps.intend([{ do: 'regroup', group: name, before: change.activeSnapshot([...groups], uuids) }]);
}

function move(
  context: Context,
  change: StoreChange,
  device: KnownDevice,
  group: string,
  mayAdopt: boolean,
): void {
  adoptedGroup(context, change, device, mayAdopt);
  const record = device.active && recordOf(change, device.active);
  if (record !== undefined) change.addDevice({ ...record, group });
  const saved = change.definition(device.ref);
  if (saved !== undefined) change.putDefinition({ ...saved, group });
}
