import { matchingTypes } from '../drivers/matching-types.ts';
import { type HostState, stateFingerprint } from '../engine/devices/host-state.ts';
import { uuidTwice } from '../engine/wording/request-messages.ts';
import { describedType } from '../engine/devices/types-of-parent.ts';
import type { Issue, NodedevError } from '../errors.ts';
import type { DesiredGroup, DesiredState } from './desired.ts';
import { desiredUuids } from './desired-uuids.ts';
import { Draft, type Target, type DesiredDevice } from './draft.ts';
import { withFunctionUses } from './function-uses.ts';
import { HostIndex, usersOf } from './host-index.ts';
import { warnOfBoot } from './boot.ts';
import { checkRemoved, claimGroups } from './owners.ts';
import { arrivals, placeAnywhere } from './place-anywhere.ts';
import type { Plan, PlanOptions } from './plan.ts';
import { desiredKey, prune } from './prune.ts';
import { reconcile } from './reconcile.ts';
import { checkResources } from './resources.ts';
import { desiredOwners } from './releases.ts';
import { CardsAfter } from './cards-after.ts';
import { addressOf } from '../nodedev/names.ts';
import { cardNotPlanned } from './messages.ts';
import { pickFunctions } from './pick-functions.ts';
import { keptDevices, planSetups } from './set-up.ts';

/**
 * The plan that brings a host to a desired state: every device active, in its group, with its settings, and owned by the
 * domain that uses it. What cannot be done becomes a refusal of the plan; no error is thrown for it.
 */
export function makePlan(state: HostState, desired: DesiredState, options: PlanOptions = {}): Plan {
  const setUp = planSetups(state, desired.setups);
  const index = new HostIndex(setUp.state);
  const draft = new Draft(index, options);
  for (const action of setUp.actions) draft.act(0, action);
  for (const refusal of setUp.refusals) draft.refuse(refusal);
  const devices = desiredDevices(draft, desired.groups);
  const targets = new Map<DesiredDevice, Target>();
  const unplaced: DesiredDevice[] = [];
  const onCards: DesiredDevice[] = [];
  for (const each of devices) {
    const found = draft.attempt(() => targetOf(index, each, setUp.unknown));
    if (found === 'anywhere') unplaced.push(each);
    else if (found === 'function') onCards.push(each);
    else if (found !== undefined) targets.set(each, found);
  }
  for (const [each, target] of pickFunctions(draft, onCards, targets, devices)) {
    targets.set(each, target);
  }
  const domains = withFunctionUses(index, targets, desired.domains);
  draft.domains = domains;
  draft.owners = desiredOwners(domains, devices);
  for (const [each, target] of targets) reconcile(draft, each, target);
  const keys = new Set(
    devices.flatMap((each) => {
      const target = targets.get(each);
      const parents =
        target === undefined
          ? index.devices(each.uuid).map(({ parent }) => parent) // it was refused, but it is still desired
          : [target.parent.address];
      return parents.map((parent) => desiredKey(parent, each.uuid));
    }),
  );
  for (const named of namedOnly(draft, domains, devices)) keys.add(named);
  prune(draft, keys, desired.groups.length);
  for (const [each, target] of placeAnywhere(draft, unplaced, targets)) {
    targets.set(each, target);
    reconcile(draft, each, target);
  }
  claimGroups(draft, domains, targets, devices);
  checkRemoved(draft, devices);
  checkResources(draft, targets);
  warnOfBoot(draft);

  const { actions, destroyed, left, refusals } = draft;
  for (const refusal of keptDevices(state, setUp.emptied, destroyed)) draft.refuse(refusal);
  const cards = new CardsAfter(setUp.state.cards, destroyed);
  for (const [{ request }, target] of arrivals(actions, targets)) {
    const error = cards.take(target, request.typeLocation);
    if (error !== undefined) draft.refuse(error);
  }
  const setups = state.setups.map(({ address }) => address);
  const isAboutAll = options.prune === true || unplaced.length > 0;
  const parents = isAboutAll ? undefined : parentsConcerned(index, devices, targets, domains);
  return {
    version: 1,
    applicable: refusals.length === 0,
    host: {
      fingerprint: stateFingerprint(state, parents),
      parents,
      setups: setups.length === 0 ? undefined : setups,
    },
    actions,
    left,
    refusals,
    warnings: [...state.problems.map(warningOf), ...desired.warnings, ...draft.warnings],
    predictions: cards.predictions(state.cards),
  };
}

/**
 * The devices that desired domains have and no document describes: they stay as they are.
 *
 * @returns their keys
 */
function namedOnly(
  draft: Draft,
  domains: DesiredState['domains'],
  devices: readonly DesiredDevice[],
): readonly string[] {
  const described = new Set(devices.map(({ uuid }) => uuid));
  const uuids = new Set(domains.flatMap(({ uses }) => uses.map(({ uuid }) => uuid)));
  return [...uuids]
    .filter((uuid) => !described.has(uuid))
    .flatMap((uuid) => draft.index.devices(uuid))
    .map((device) => {
      const { uuid, parent, active, defined } = device;
      const isOurs = (active?.record ?? defined?.record) !== undefined;
      draft.leave(device, isOurs ? 'unchanged' : 'foreign', usersOf(device)[0]);
      return desiredKey(parent, uuid);
    });
}

/** The devices with their uuids and groups. A device that has the uuid of another one is refused. */
function desiredDevices(draft: Draft, groups: readonly DesiredGroup[]): readonly DesiredDevice[] {
  const { index } = draft;
  const uuids = desiredUuids(groups, index);
  const seen = new Set<string>();
  return groups.flatMap(({ name, devices }, order) => {
    const members = devices.map((request) => ({ request, uuid: uuids.get(request) ?? '' }));
    const group = name ?? groupNow(index, members) ?? members[0]?.uuid ?? '';
    return members.flatMap(({ request, uuid }): readonly DesiredDevice[] => {
      if (seen.has(uuid)) {
        draft.refuse(uuidTwice(uuid, request.location));
        return [];
      }
      seen.add(uuid);
      return [{ request, uuid, order, group, isNamed: name !== undefined }];
    });
  });
}

/** The group that one of the devices is in now: it is used when the document names no group. */
function groupNow(
  index: HostIndex,
  members: readonly { readonly uuid: string }[],
): string | undefined {
  const there = members.flatMap(({ uuid }) => index.devices(uuid));
  return [
    ...there.map(({ active }) => active?.record?.group),
    ...there.map(({ defined }) => defined?.record?.group),
  ].find((group) => group !== undefined);
}

/**
 * The parent and type of a device. A device without `<parent>` stays under its parent, or may go anywhere when it is new; one whose
 * parent is a card with functions stays at its function, or may go to any of them.
 */
function targetOf(
  index: HostIndex,
  { request, uuid }: DesiredDevice,
  unknown: ReadonlyMap<string, string>,
): Target | 'anywhere' | 'function' {
  const { type, typeLocation, parentLocation } = request;
  const [known, ...more] = index.devices(uuid);
  const there = index.active(uuid) ?? (more.length === 0 ? known : undefined);
  const named = request.parent ?? there?.parent;
  if (named === undefined) return 'anywhere';
  const functions = index.functionsOf(named).map(({ parent }) => parent);
  const isThere = functions.some(({ address }) => address === there?.parent);
  if (functions.length > 0 && !isThere) return 'function';
  const why = unknown.get(addressOf(named));
  if (why !== undefined) throw cardNotPlanned(named, why, parentLocation);
  const found = index.parent(isThere && there ? there.parent : named, parentLocation);
  // Criteria may fit several types. When the device's own type is one of them, it stays.
  const now = there?.parent === found.parent.address ? there : undefined;
  const id = now?.active?.type ?? now?.defined?.definition?.type;
  const current = found.parent.types.find((each) => each.id === id);
  const isMatching =
    current !== undefined && matchingTypes([describedType(current)], type).length > 0;
  return { ...found, type: isMatching ? current : index.type(found, type, typeLocation) };
}

/** sysfs names of the parents that a plan depends on: those where desired and used devices are now or will be. */
function parentsConcerned(
  index: HostIndex,
  devices: readonly DesiredDevice[],
  targets: ReadonlyMap<DesiredDevice, Target>,
  domains: DesiredState['domains'],
): readonly string[] {
  const used = domains.flatMap(({ uses }) => uses);
  const parents = new Set([
    ...[...targets.values()].map(({ parent }) => parent.address),
    ...[...devices, ...used].flatMap(({ uuid }) => index.devices(uuid).map(({ parent }) => parent)),
  ]);
  return [...parents].toSorted();
}

function warningOf({ code, message, hint }: NodedevError): Issue {
  return { code, message, hint, severity: 'warning' };
}
