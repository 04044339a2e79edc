import type { HostDevice } from '../../host/host.ts';
import type { Context } from '../context.ts';
import { mayCollect } from '../../policy/destroy.ts';
import { activeGroup } from '../devices/groups.ts';
import { pictureOf } from '../devices/picture.ts';
import {
  deviceInfos,
  type KnownDevice,
  knownDevice,
  nameOf,
  recordOf,
} from '../devices/inventory.ts';
import { warningOf } from '../devices/list.ts';
import type { StoreChange, StoreView } from '../store/store.ts';
import { transaction } from '../journal/transaction.ts';
import type { DeviceInfo } from '../listed-device.ts';
import type { GcOptions } from '../call-options.ts';
import type { GcResult, Orphan } from '../results.ts';
import { toldError } from '../told-error.ts';
import { groupHolders } from '../devices/holders.ts';
import type { GroupRecord } from '../store/records.ts';
import { releaseGroup } from './claim.ts';
import { libvirtDomains } from './libvirt-domains.ts';

/** Destroys the devices of one group: those that `wanted` still finds under the lock. */
type Destroy = (
  wanted: (view: StoreView) => readonly KnownDevice[],
) => Promise<readonly DeviceInfo[]>;

/** The default age. It leaves time for a program that creates a group and then claims it. */
const OLDER_THAN_SECONDS = 60;

/**
 * Destroys orphans, each group in a transaction of its own, and removes records of devices that are gone. A group of ours
 * is an orphan when none of its devices is defined or open, no domain owns it, and no libvirt file names one of them.
 *
 * @throws NodedevError `domain-invalid`, `permission-denied`: a domain's file cannot be read, and might name any device
 */
export async function collectOrphans(
  context: Context,
  { dryRun = false, olderThan = OLDER_THAN_SECONDS }: GcOptions,
  destroy: Destroy,
): Promise<GcResult> {
  const { store } = context;
  if (!dryRun) await settleClaims(context);
  const found = await store.readAll((view) => orphans(context, view, olderThan));
  const destroyed: Orphan[] = [];
  const failed: GcResult['failed'][number][] = [];
  for (const orphan of dryRun ? [] : found) {
    try {
      const devices = await destroy((view) =>
        orphanOf(context, view, orphan.group, olderThan) !== undefined
          ? known(context, activeGroup(context.host, view, orphan.group).active)
          : [],
      );
      if (devices.length > 0) destroyed.push({ ...orphan, devices });
    } catch (error) {
      failed.push({ orphan, error: toldError(error) });
    }
  }
  const collected = dryRun ? found : destroyed;
  try {
    const forgotten = await store.readAll((view) => gone(context, view).map(nameOf));
    if (!dryRun && forgotten.length > 0) {
      await transaction(context, (change) => forgetGone(context, change));
    }
    return { orphans: collected, failed, forgotten };
  } catch (error) {
    // What was destroyed has to be told. The records stay until the next time.
    if (collected.length === 0) throw error;
    context.report(warningOf(toldError(error)));
    return { orphans: collected, failed, forgotten: [] };
  }
}

/** Whether a claim for a time is over. */
function isLapsed({ now }: Context, view: StoreView, group: string): boolean {
  const expires = view.activeGroup(group)?.owner?.expires;
  return expires !== undefined && expires <= now();
}

/** Claims for a time: one whose group is open holds from now on until it is released, and one that is over ends. */
async function settleClaims(context: Context): Promise<void> {
  const { host, store } = context;
  const isOpen = (view: StoreView, name: string): boolean =>
    groupHolders(host, activeGroup(host, view, name)).length > 0;
  const toSettle = (view: StoreView): readonly GroupRecord[] =>
    view
      .activeGroups()
      .filter(({ owner }) => owner?.expires !== undefined)
      .filter(({ name }) => isOpen(view, name) || isLapsed(context, view, name));
  if ((await store.readAll(toSettle)).length === 0) return;
  await transaction(context, (change, steps) => {
    for (const { name, owner } of toSettle(change)) {
      if (isOpen(change, name)) change.setOwner(name, owner && { ...owner, expires: undefined });
      else releaseGroup(context, change, steps, name);
    }
  });
}

function orphans(context: Context, view: StoreView, olderThan: number): readonly Orphan[] {
  return view.activeGroups().flatMap(({ name }) => orphanOf(context, view, name, olderThan) ?? []);
}

/** The group as an orphan; undefined when it is used or too young. */
function orphanOf(
  context: Context,
  view: StoreView,
  name: string,
  olderThan: number,
): Orphan | undefined {
  const { host, now } = context;
  const [unread] = libvirtDomains(host, view).problems;
  if (unread !== undefined) throw unread;
  const group = activeGroup(host, view, name);
  const ages = group.active.flatMap((device) => {
    const created = recordOf(view, device)?.created;
    return created === undefined ? [] : ageOf(created, now());
  });
  const age = ages.length === 0 ? undefined : Math.floor(Math.min(...ages) / 1000);
  const isYoung = age !== undefined && age < olderThan;
  if (group.active.length === 0 || isYoung) return undefined;
  const picture = pictureOf(context, view, { forChange: true });
  const claimed = isLapsed(context, view, name) ? undefined : picture.group(name).claimed;
  if (!mayCollect(picture, { ...picture.group(name), claimed })) return undefined;
  const devices = deviceInfos(host, view, known(context, group.active));
  return { group: name, devices, age };
}

/** A simulated host outlives the machine's boots: what was created in an earlier one is at least as old as this one. */
const ageOf = (created: number, now: number): number => (created > now ? now : now - created);

const known = (context: Context, devices: readonly HostDevice[]): readonly KnownDevice[] =>
  devices.flatMap(({ ref }) => knownDevice(context, ref) ?? []);

interface Remembered {
  readonly parent: string;
  readonly uuid: string;
}

/** Records of devices and definitions that other programs removed. Definitions only when all of them can be read. */
function gone(context: Context, view: StoreView): readonly Remembered[] {
  return [...goneDevices(context, view), ...goneDefinitions(context, view)];
}

function goneDevices({ host }: Context, view: StoreView): readonly Remembered[] {
  return view.devices().filter(({ uuid }) => {
    const device = host.find(uuid);
    return device === undefined || recordOf(view, device) === undefined;
  });
}

function goneDefinitions({ definitions }: Context, view: StoreView): readonly Remembered[] {
  const { items, problems } = definitions.refs();
  if (problems.length > 0) return [];
  const there = new Set(items.map(nameOf));
  return view.definitions().filter((saved) => !there.has(nameOf(saved)));
}

function forgetGone(context: Context, change: StoreChange): void {
  for (const { uuid } of goneDevices(context, change)) change.deleteDevice(uuid);
  for (const ref of goneDefinitions(context, change)) change.deleteDefinition(ref);
}
