import { typesMeant } from '../drivers/type-meant.ts';
import { type HostState, stateFingerprint } from '../engine/devices/host-state.ts';
import { uuidTwice } from '../engine/wording/request-messages.ts';
import { describedType } from '../engine/devices/types-of-parent.ts';
import type { Issue, NodedevError } from '../errors.ts';
import type { DesiredGroup, DesiredState } from './desired.ts';
import { desiredUuids } from './desired-uuids.ts';
import { Draft, type Target, type Wanted } from './draft.ts';
import { HostIndex } from './host-index.ts';
import { claimGroups, keepDomainsWhole, missingDevices } from './owners.ts';
import { arrivals, placeAnywhere } from './place-anywhere.ts';
import type { Plan, PlanOptions } from './plan.ts';
import { desiredKey, prune } from './prune.ts';
import { reconcile } from './reconcile.ts';
import { CardsAfter } from './cards-after.ts';

/**
 * What brings a host to a desired state: every device active, in its group, with its settings, and given to the domain
 * that uses it. What cannot be done is one of the plan's refusals; nothing is thrown for it.
 */
export function makePlan(state: HostState, desired: DesiredState, options: PlanOptions = {}): Plan {
  const index = new HostIndex(state);
  const draft = new Draft(index, options);
  const wanted = wantedDevices(draft, desired.groups);
  const targets = new Map<Wanted, Target>();
  const unplaced: Wanted[] = [];
  for (const each of wanted) {
    const found = draft.attempt(() => targetOf(index, each));
    if (found === 'anywhere') unplaced.push(each);
    else if (found !== undefined) targets.set(each, found);
  }
  for (const [each, target] of targets) reconcile(draft, each, target);
  const keys = new Set(
    wanted.flatMap((each) => {
      const target = targets.get(each);
      const parents =
        target === undefined
          ? index.devices(each.uuid).map(({ parent }) => parent) // refused: it is desired all the same
          : [target.place.parent.address];
      return parents.map((parent) => desiredKey(parent, each.uuid));
    }),
  );
  prune(draft, keys, desired.groups.length);
  for (const [each, target] of placeAnywhere(draft, unplaced, targets)) {
    targets.set(each, target);
    reconcile(draft, each, target);
  }
  claimGroups(draft, desired.domains, targets);
  keepDomainsWhole(draft);

  const { actions, destroyed, left, refusals } = draft;
  const cards = new CardsAfter(state.cards, destroyed);
  for (const [{ request }, target] of arrivals(actions, targets)) {
    const error = cards.take(target, request.typeLocation);
    if (error !== undefined) draft.refuse(error);
  }
  const isAboutAll = options.prune === true || unplaced.length > 0;
  const parents = isAboutAll ? undefined : concerned(index, wanted, targets);
  return {
    version: 1,
    applicable: refusals.length === 0,
    host: { fingerprint: stateFingerprint(state, parents), parents },
    actions,
    left,
    refusals,
    warnings: [
      ...state.problems.map(warningOf),
      ...desired.warnings,
      ...missingDevices(index, desired.domains, wanted),
    ],
    predictions: cards.predictions,
  };
}

/** The devices with their uuids and groups. What has the uuid of another is refused. */
function wantedDevices(draft: Draft, groups: readonly DesiredGroup[]): readonly Wanted[] {
  const { index } = draft;
  const uuids = desiredUuids(groups, index);
  const seen = new Set<string>();
  return groups.flatMap(({ name, devices }, order) => {
    const members = devices.map((request) => ({ request, uuid: uuids.get(request) ?? '' }));
    const group = name ?? groupNow(index, members) ?? members[0]?.uuid ?? '';
    return members.flatMap(({ request, uuid }): readonly Wanted[] => {
      if (seen.has(uuid)) {
        draft.refuse(uuidTwice(uuid, request.location));
        return [];
      }
      seen.add(uuid);
      return [{ request, uuid, order, group, isNamed: name !== undefined }];
    });
  });
}

/** Where no document names a group, the one that a device is in is meant. */
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

/** A device without a parent stays where it is; else it may go anywhere. */
function targetOf(index: HostIndex, { request, uuid }: Wanted): Target | 'anywhere' {
  const { type, typeLocation, parent, parentLocation } = request;
  const [known, ...more] = index.devices(uuid);
  const there = index.active(uuid) ?? (more.length === 0 ? known : undefined);
  const name = parent ?? there?.parent;
  if (name === undefined) return 'anywhere';
  const found = index.place(name, parentLocation);
  // What it is, when that is among what is meant: criteria may fit several types.
  const now = there?.parent === found.parent.address ? there : undefined;
  const id = now?.active?.type ?? now?.defined?.definition?.type;
  const current = found.parent.types.find((each) => each.id === id);
  const isMeant = current !== undefined && typesMeant([describedType(current)], type).length > 0;
  return { place: found, type: isMeant ? current : index.type(found, type, typeLocation) };
}

/** sysfs names of the parents a plan depends on: those where desired devices are or are to be. */
function concerned(
  index: HostIndex,
  wanted: readonly Wanted[],
  targets: ReadonlyMap<Wanted, Target>,
): readonly string[] {
  const parents = new Set([
    ...[...targets.values()].map(({ place }) => place.parent.address),
    ...wanted.flatMap(({ uuid }) => index.devices(uuid).map(({ parent }) => parent)),
  ]);
  return [...parents].toSorted();
}

function warningOf({ code, message, hint }: NodedevError): Issue {
  return { code, message, hint, severity: 'warning' };
}
