import type { Context } from '../context.ts';
import { findGroup, lookUpGroup } from '../devices/groups.ts';
import { pictureOf } from '../devices/picture.ts';
import { deviceOfFunction } from '../devices/functions.ts';
import { findDevice, findParent, knownDevice, lookUpDevice } from '../devices/inventory.ts';
import { checkDomain } from '../devices/names.ts';
import type { Steps } from '../journal/steps.ts';
import type { Claimant } from '../store/records.ts';
import type { StoreChange } from '../store/store.ts';
import type { DomainRef } from '../../policy/domain-ref.ts';
import { adoptedGroup } from './foreign.ts';
import { isSameDomain } from '../../policy/domain-ref.ts';
import { mayClaim, mayRelease } from '../../policy/claim.ts';
import { ownerOf } from '../../policy/owner.ts';
import { requireAllowed } from '../../policy/verdict.ts';

/**
 * Makes a domain the owner of a group. A second claim for the same domain changes nothing. A device can be named instead, as
 * in {@link groupMeant}; one that another program made is in no group until it is adopted.
 *
 * @param options.planned for a desired state, which may release the group again
 * @returns the group's name
 * @throws NodedevError `domain-invalid`, `group-unknown`, `group-owned`, `device-foreign`, `device-unusable`
 */
export function claimGroup(
  context: Context,
  change: StoreChange,
  steps: Steps,
  name: string,
  domain: DomainRef,
  {
    mayAdopt = false,
    planned,
  }: { readonly mayAdopt?: boolean | undefined; readonly planned?: true } = {},
): string {
  const group = groupMeant(context, change, name, mayAdopt);
  claim(context, change, steps, [group], { ...domain, planned });
  return group;
}

/**
 * Makes a domain the owner of the groups of these devices, all or none.
 *
 * @returns the groups that were not claimed for the domain before
 * @throws NodedevError `domain-invalid`, `device-unknown`, `group-owned`, `device-foreign`, `device-unusable`
 */
export function claimDevices(
  context: Context,
  change: StoreChange,
  steps: Steps,
  names: readonly string[],
  domain: DomainRef,
  mayAdopt = false,
): readonly string[] {
  const groups = names.map((name) =>
    adoptedGroup(context, change, findDevice(context, change, name), mayAdopt),
  );
  return claim(context, change, steps, [...new Set(groups)], domain);
}

/**
 * Ends the ownership of a group, which may be named as for {@link claimGroup}.
 *
 * @returns the group's name
 * @throws NodedevError `group-unknown`; `group-open`, `group-owned`: a running domain keeps its devices; `group-owned`
 *   too for a group that is only named in a domain's configuration
 */
export function releaseGroup(
  context: Context,
  change: StoreChange,
  steps: Steps,
  named: string,
): string {
  const name = groupMeant(context, change, named, false);
  refuseRelease(context, change, name);
  intendOwners(change, steps, 'release', [name]);
  change.setOwner(name, undefined);
  change.lend(name, undefined);
  return name;
}

/**
 * {@link releaseGroup} of several groups as the first steps of a plan, so that what the plan does to them can be undone
 * before their owners are theirs again.
 */
export function releaseGroups(
  context: Context,
  change: StoreChange,
  steps: Steps,
  names: readonly string[],
): void {
  for (const name of names) refuseRelease(context, change, name);
  steps.intend(
    names.map((group) => ({ do: 'release', group, owner: change.activeGroup(group)?.owner })),
  );
  for (const name of names) {
    steps.run(
      `released group ${name}`,
      () => {
        change.setOwner(name, undefined);
      },
      () => false, // the store's change is dropped
    );
  }
}

/** @throws as {@link releaseGroup} */
function refuseRelease(context: Context, change: StoreChange, name: string): void {
  findGroup(context, change, name);
  requireAllowed(mayRelease(pictureOf(context, change, { forChange: true }), name));
}

/**
 * The group of this name, or that of the device with this name or uuid, or at this PCI address: what schedulers of many hosts know
 * of a device that they have given away is its uuid or the address of its function.
 */
function groupMeant(
  context: Context,
  change: StoreChange,
  name: string,
  mayAdopt: boolean,
): string {
  if (lookUpGroup(context, change, name) !== undefined) return name;
  const { host } = context;
  const ref = deviceOfFunction(host, findParent(host, name)?.address ?? '')?.ref;
  const device =
    ref === undefined ? lookUpDevice(context, change, name) : knownDevice(context, ref);
  return device === undefined ? name : adoptedGroup(context, change, device, mayAdopt);
}

/** Claims groups. Returns those that were not claimed for the domain before. */
function claim(
  context: Context,
  change: StoreChange,
  steps: Steps,
  names: readonly string[],
  { planned, ...domain }: Claimant,
): readonly string[] {
  checkDomain(domain);
  const picture = pictureOf(context, change, { forChange: true }); // an unknown holder could be another domain
  const owned = names.map((name) => {
    findGroup(context, change, name);
    requireAllowed(mayClaim(picture, name, domain));
    const owner = ownerOf(picture, picture.group(name));
    return { name, own: owner !== undefined && isSameDomain(owner, domain) ? owner : undefined };
  });
  intendOwners(change, steps, 'claim', names);
  for (const { name, own } of owned) {
    change.setOwner(name, { name: domain.name, uuid: domain.uuid ?? own?.uuid, planned });
  }
  return owned.filter(({ own }) => own?.by !== 'claim').map(({ name }) => name);
}

/** Keeps the owners in the journal: the two parts of the store are written one after the other, and a kill may come between. */
function intendOwners(
  change: StoreChange,
  steps: Steps,
  operation: 'claim' | 'release',
  names: readonly string[],
): void {
  const isInBoth = (name: string): boolean =>
    change.activeGroup(name) !== undefined && change.definitionsOf(name).length > 0;
  if (!names.some(isInBoth)) return;
  const active = names.flatMap((name) => change.activeGroup(name) ?? []);
  steps.intend(active.map(({ name, owner }) => ({ do: operation, group: name, owner })));
}
