import { mdevName } from '../nodedev/names.ts';
import { type DomainRef, isSameDomain } from './domain-ref.ts';
import { groupOf, isAnothers, ownerOf } from './owner.ts';
import type { ActiveDevice, GroupPicture, HostPicture } from './picture.ts';
import * as reasons from './reasons.ts';
import { type Reason, type Verdict, verdict } from './verdict.ts';

export interface DestroyOptions {
  /** Devices of other programs may be destroyed, too. */
  readonly adopt?: boolean | undefined;
  /** The domain that has stopped, for which they are destroyed: its own devices may be destroyed, also a part of them. */
  readonly stopped?: DomainRef | undefined;
  /** Uuids of devices that are made again at once: no domain loses them. */
  readonly again?: ReadonlySet<string> | undefined;
  /** Whether they only get another type. */
  readonly isUpdate?: true | undefined;
}

/**
 * May these active devices be destroyed together? Not devices that are open, of other programs, or of a group that a domain
 * owns, has open or runs with; and not only a part of what a domain's configuration names, since it could not start with
 * the rest. All of that may go: then the verdict names the domain.
 *
 * Codes: `in-use`, `device-foreign`, `group-owned`, `domain-incomplete`; notice: `domain-without-devices`
 */
export function mayDestroy(
  picture: HostPicture,
  uuids: readonly string[],
  options: DestroyOptions = {},
): Verdict {
  const devices = uuids.flatMap((uuid) => picture.active(uuid) ?? []);
  const groups = new Map(devices.map((device) => [device.group ?? device.uuid, device]));
  const held = devices.flatMap((device) => heldReasons(device, options.isUpdate));
  // A holder also owns the group, and naming the holder says more.
  const owned = held.length > 0 ? [] : [...groups.values()];
  return verdict([
    ...held,
    ...foreignReasons(devices, options.adopt),
    ...owned.flatMap((device) => ownedReasons(picture, groupOf(picture, device), options.stopped)),
    ...(options.stopped === undefined ? namedReasons(picture, uuids, options.again) : []),
  ]);
}

/**
 * May these definitions be removed together? Not only a part of what a domain has that is defined: after the next boot it
 * would have the rest only.
 *
 * Codes: `domain-incomplete`
 */
export function mayUndefine(
  picture: HostPicture,
  uuids: readonly string[],
  again: ReadonlySet<string> = new Set(),
): Verdict {
  const gone = new Set(uuids.filter((uuid) => !again.has(uuid)));
  return verdict(
    usersOf(picture, [...gone]).flatMap(({ name, file, mdevs }) => {
      const kept = mdevs
        .filter((uuid) => !gone.has(uuid))
        .flatMap((uuid) => picture.defined(uuid).slice(0, 1))
        .map(({ uuid, parent }) => mdevName(uuid, parent));
      return kept.length === 0 ? [] : [reasons.partUndefined(name, file, kept)];
    }),
  );
}

/** A device or definition that a plan would take away: `group` undefined: another program made it. */
export type Undesired = Pick<ActiveDevice, 'uuid' | 'parent' | 'group' | 'holders'>;

/**
 * May a plan take away what is not desired? Not devices of other programs, devices that are open, and what any domain owns
 * or names, whether or not it runs.
 *
 * Codes, at most one: `device-foreign`, `in-use`, `group-owned`, with who it is in `inTheWay`
 */
export function mayPrune(picture: HostPicture, device: Undesired): Verdict {
  const { uuid, group } = device;
  if (group === undefined) return verdict(foreignReasons([device]));
  const held = heldReasons(device);
  if (held.length > 0) return verdict(held);
  const owner = ownerOf(picture, groupOf(picture, device)) ?? picture.domainsNaming([uuid])[0];
  return verdict(owner === undefined ? [] : [reasons.groupOwned(group, owner.name)]);
}

/** Whether a group is nobody's: not open, not defined, of no domain, and named by none. */
export function mayCollect(picture: HostPicture, group: GroupPicture): boolean {
  return (
    (group.holders ?? []).length === 0 &&
    group.members.every((uuid) => picture.defined(uuid).length === 0) &&
    ownerOf(picture, group) === undefined &&
    picture.domainsNaming(group.members).length === 0
  );
}

/** Refuses devices of other programs, unless they are to become ours. */
export function foreignReasons(
  devices: readonly Pick<ActiveDevice, 'uuid' | 'parent' | 'group'>[],
  adopt = false,
): readonly Reason[] {
  const foreign = adopt ? [] : devices.filter(({ group }) => group === undefined);
  return foreign.map(({ uuid, parent }) => reasons.foreign(mdevName(uuid, parent), uuid));
}

function heldReasons(
  { uuid, parent, holders = [] }: Pick<ActiveDevice, 'uuid' | 'parent' | 'holders'>,
  isUpdate?: true,
): readonly Reason[] {
  const name = mdevName(uuid, parent);
  const open = isUpdate === true ? reasons.openAndUpdated : reasons.open;
  return holders.length === 0 ? [] : [open(name, holders.map(reasons.holderLabel))];
}

function ownedReasons(
  picture: HostPicture,
  group: GroupPicture,
  stopped: DomainRef | undefined,
): readonly Reason[] {
  const owner = ownerOf(picture, group);
  if (owner !== undefined && owner.by !== 'running' && isAnothers(owner, stopped ?? NOBODY)) {
    const reason = owner.by === 'open' ? reasons.groupRunning : reasons.groupOwned;
    return [reason(group.name, owner.name)];
  }
  const running = picture
    .domainsNaming(group.members)
    .find(
      (domain) =>
        domain.state === 'running' && (stopped === undefined || !isSameDomain(domain, stopped)),
    );
  return running === undefined ? [] : [reasons.groupRunning(group.name, running.name)];
}

/** Stands for no domain, since no domain has an empty name. */
const NOBODY: DomainRef = { name: '' };

/** What a configuration names goes as a whole or not at all; when it goes, that is said. */
function namedReasons(
  picture: HostPicture,
  uuids: readonly string[],
  again: ReadonlySet<string> = new Set(),
): readonly Reason[] {
  const gone = new Set(uuids.filter((uuid) => !again.has(uuid)));
  return picture.domainsNaming([...gone]).flatMap(({ name, file, mdevs }) => {
    const kept = mdevs
      .filter((uuid) => !gone.has(uuid))
      .flatMap((uuid) => picture.active(uuid) ?? [])
      .map(({ uuid, parent }) => mdevName(uuid, parent));
    if (kept.length > 0) return [reasons.partDestroyed(name, file, kept)];
    const isStarted = picture.hasHook && mdevs.every((uuid) => picture.defined(uuid).length > 0);
    return isStarted ? [] : [reasons.allDestroyed(name, file)];
  });
}

/** A domain, what it has, and the file that says so; undefined: its claim does. */
interface User {
  readonly name: string;
  readonly file?: string | undefined;
  readonly mdevs: readonly string[];
}

/** The domains that have any of these devices, by libvirt's files or by a claim. */
function usersOf(picture: HostPicture, uuids: readonly string[]): readonly User[] {
  const groups = new Set(
    uuids.flatMap((uuid) => picture.defined(uuid).flatMap(({ group }) => group ?? [])),
  );
  const claimed = [...groups].flatMap((name): readonly User[] => {
    const { claimed: owner, members } = picture.group(name);
    return owner === undefined ? [] : [{ name: owner.name, mdevs: members }];
  });
  return [...picture.domainsNaming(uuids), ...claimed];
}
