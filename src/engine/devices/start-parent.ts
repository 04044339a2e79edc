import { NodedevError } from '../../errors.ts';
import type { Context } from '../context.ts';
import type { DefinitionRef } from '../definitions/definitions.ts';
import type { KnownDevice } from './inventory.ts';
import { offCardOf, offCards } from '../setup/off-cards.ts';
import { functionsOff } from '../wording/setup-messages.ts';
import { deviceInfos, knownDevice, nameOf, parentName } from './inventory.ts';
import { parentsOf, waitForParents } from './wait-for-parents.ts';
import { warningOf } from './list.ts';
import { requireMdevSupport } from '../wording/mdev-support.ts';
import { parentUnknown } from '../wording/request-messages.ts';
import { refusal } from '../wording/refusals.ts';
import type { DeviceInfo } from '../listed-device.ts';
import type { StartParentResult } from '../results.ts';

/** How {@link startParent} starts one group's devices. */
type Start = (refs: readonly DefinitionRef[]) => Promise<readonly DeviceInfo[]>;

/**
 * Starts the devices with autostart under one parent, or under all functions of a card, for udev when the parent appears. The devices of each group are one
 * transaction, so that the failure of one group does not stop the others. An unreadable definition counts as failed.
 *
 * @param wait seconds to wait at most until all of them are there and have types
 * @throws NodedevError `no-mdev-support`, `parent-unknown`, `timeout`, `aborted`
 */
export async function startParent(
  context: Context,
  name: string,
  start: Start,
  wait = 0,
): Promise<StartParentResult> {
  const { host, store, definitions, signal } = context;
  const parents = wait > 0 ? await waitForParents(host, name, wait, signal) : parentsOf(host, name);
  if (parents.length === 0) {
    const off = offCardOf(offCards(host), name);
    if (off !== undefined) throw functionsOff(off);
    requireMdevSupport(host);
    throw parentUnknown(name, host.parents().items.map(parentName));
  }
  const addresses = new Set(parents.map(({ address }) => address));
  const { items, problems } = definitions.refs();
  for (const problem of problems) context.report(warningOf(problem));
  const inactive = items
    .filter((ref) => addresses.has(ref.parent))
    .flatMap((ref) => knownDevice(context, ref) ?? [])
    .filter(({ active }) => active === undefined);

  const started: DeviceInfo[] = [];
  const failed: { readonly device: DeviceInfo; readonly error: NodedevError }[] = [];
  const fail = async (devices: readonly KnownDevice[], error: NodedevError): Promise<void> => {
    const infos = await store.read((view) => deviceInfos(host, view, devices));
    failed.push(...infos.map((device) => ({ device, error })));
  };
  for (const device of inactive) {
    if (device.problem !== undefined) await fail([device], device.problem);
  }
  for (const devices of await groupsOf(context, inactive.filter(startsAlone))) {
    try {
      started.push(...(await start(devices.map(({ ref }) => ref))));
    } catch (error) {
      const names = devices.map(({ ref }) => nameOf(ref)).join(', ');
      const reason = refusal(error, `Unable to start ${names}`);
      if (!(reason instanceof NodedevError)) throw reason;
      await fail(devices, reason);
    }
  }
  return { started, failed };
}

const startsAlone = ({ definition }: KnownDevice): boolean =>
  definition?.definition.autostart === true;

/** The devices by group, sorted by the groups' names. */
async function groupsOf(
  { store }: Context,
  devices: readonly KnownDevice[],
): Promise<Iterable<readonly KnownDevice[]>> {
  return store.read((view) => {
    const groups = new Map<string, KnownDevice[]>();
    for (const device of devices) {
      const group = view.definition(device.ref)?.group ?? device.ref.uuid;
      const members = groups.get(group) ?? [];
      groups.set(group, members);
      members.push(device);
    }
    return groups.values();
  });
}
