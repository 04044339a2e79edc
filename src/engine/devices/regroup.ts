import { groupBy } from '../../group-by.ts';
import { mayMove } from '../../policy/claim.ts';
import { groupOf } from '../../policy/owner.ts';
import { requireAllowed } from '../../policy/verdict.ts';
import type { Context } from '../context.ts';
import type { Steps } from '../journal/steps.ts';
import { adoptedGroup, knownGroup, knownGroups } from '../ownership/foreign.ts';
import type { StoreChange } from '../store/store.ts';
import { notInGroup } from '../wording/messages.ts';
import { groupToJoin } from './groups.ts';
import { type KnownDevice, nameOf, recordOf } from './inventory.ts';
import { checkGroupName } from './names.ts';
import { intendPeerMoves, movePeers, peerMoves } from './peer-sets.ts';
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
  const moved = movable(context, change, devices, name);
  intend(change, steps, moved, name);
  changePeers(context, change, steps, moved, name);
  for (const device of moved) move(context, change, device, name, mayAdopt);
}

/**
 * {@link moveToGroup} as the first steps of a plan.
 *
 * @param mayAdopt whether devices of other programs become ours
 */
export function regroupDevices(
  context: Context,
  change: StoreChange,
  steps: Steps,
  devices: readonly (readonly [device: KnownDevice, group: string])[],
  mayAdopt: boolean,
): void {
  steps.intend(
    devices.map(([device, group]) => ({
      do: 'regroup',
      group,
      before: change.activeSnapshot([group, ...knownGroups(change, device)], [device.ref.uuid]),
    })),
  );
  for (const [name, wanted] of groupBy(devices, ([, group]) => group)) {
    const members = wanted.map(([device]) => device);
    const moved = movable(context, change, members, name);
    changePeers(context, change, steps, moved, name);
    for (const device of moved) {
      steps.run(
        `moved ${nameOf(device.ref)} to group ${name}`,
        () => {
          move(context, change, device, name, mayAdopt);
        },
        () => false, // the store's change is dropped
      );
    }
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

/** The devices that are not in a group yet, when all of them may come into it. @throws as {@link moveToGroup} */
function movable(
  context: Context,
  change: StoreChange,
  devices: readonly KnownDevice[],
  name: string,
): readonly KnownDevice[] {
  checkGroupName(name);
  const moved = devices.filter((device) => {
    const groups = knownGroups(change, device);
    return groups.length === 0 || groups.some((group) => group !== name);
  });
  if (moved.length === 0) return [];
  groupToJoin(context, change, name);
  const picture = pictureOf(context, change, { forChange: true });
  const known = new Set(moved.flatMap((device) => knownGroups(change, device)));
  const strangers = moved.filter((device) => knownGroups(change, device).length === 0);
  const left = [
    ...[...known].map((group) => picture.group(group)),
    // A device of another program is in no group, but may be used all the same.
    ...strangers.map(({ ref: { uuid }, active }) =>
      groupOf(picture, { uuid, holders: active && picture.active(uuid)?.holders }),
    ),
  ];
  const to = picture.group(name);
  for (const from of left) requireAllowed(mayMove(picture, from, to));
  return moved;
}

/** What shares a card's resources with the group's members from now on, and no more with those of the group before. */
function changePeers(
  { host, newUuid }: Context,
  change: StoreChange,
  steps: Steps,
  devices: readonly KnownDevice[],
  name: string,
): void {
  const active = devices.flatMap((device) => device.active ?? []);
  const moves = peerMoves(host, change, active, name, newUuid);
  intendPeerMoves(steps, moves, name);
  movePeers(host, steps, moves);
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
  const groups = new Set([name, ...devices.flatMap((device) => knownGroups(change, device))]);
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
  const owner = change.activeGroup(group)?.owner ?? change.persistentOwner(group);
  adoptedGroup(context, change, device, mayAdopt);
  const record = device.active && recordOf(change, device.active);
  if (record !== undefined) change.addDevice({ ...record, group });
  const saved = change.definition(device.ref);
  if (saved !== undefined) change.putDefinition({ ...saved, group });
  if (owner !== undefined) change.setOwner(group, owner);
}
