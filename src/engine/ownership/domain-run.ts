import type { DomainOutline } from '../../domain/domain-outline.ts';
import { NodedevError } from '../../errors.ts';
import type { HostDevice } from '../../host/host.ts';
import { aroundScripts } from '../scripts/around-scripts.ts';
import type { Context } from '../context.ts';
import { createDevices } from '../devices/create.ts';
import { destroyDevices } from '../devices/destroy.ts';
import { functionUuid, withFunctions } from '../devices/functions.ts';
import { activeGroup } from '../devices/groups.ts';
import {
  deviceInfos,
  isDefined,
  type KnownDevice,
  knownDevice,
  findDevice,
  recordOf,
} from '../devices/inventory.ts';
import { activeInfos, scripted } from '../manager/shared.ts';
import { startRequests } from '../devices/start.ts';
import type { StoreChange, StoreView } from '../store/store.ts';
import { transaction } from '../journal/transaction.ts';
import type { DomainRef } from '../../policy/domain-ref.ts';
import type { DomainRun } from '../results.ts';
import { adopt, isForeign } from './foreign.ts';
import { isSameDomain } from '../../policy/domain-ref.ts';
import { mayGive } from '../../policy/give.ts';
import { requireAllowed } from '../../policy/verdict.ts';
import { pictureOf } from '../devices/picture.ts';

/**
 * Prepares the start of a domain: its devices that are not active are started from their definitions, in one transaction,
 * and the groups of all its devices are lent to it. Active devices of other programs stay as they are. It can be called
 * again for the same domain.
 *
 * @throws NodedevError those of {@link mayGive}, and those of starting devices
 */
export async function prepareDomain(context: Context, started: DomainOutline): Promise<DomainRun> {
  const { store, host } = context;
  const domain = withFunctions(started, (address) => functionUuid(context, address));
  const { mdevs, functions, rebinds, iommufd } = domain;
  const missing = (view: StoreView): readonly KnownDevice[] =>
    mdevs
      .filter((uuid) => host.find(uuid) === undefined)
      // One that is not found now was found by the check: its definition cannot be read for the moment.
      .map((uuid) => findDevice(context, view, uuid));
  const check = (view: StoreView): void => {
    const usage = { domain: identityOf(domain), mdevs, functions, rebinds, iommufd };
    const picture = pictureOf(context, view, { forChange: true });
    requireAllowed(mayGive(picture, usage, { startsDevices: true }));
  };
  const checked = async () => {
    // so that no script runs when this fails
    await store.read((view) => {
      check(view);
      startRequests(context, view, missing(view));
    });
    return scripted(context, missing);
  };
  return aroundScripts(context, 'start', checked, () =>
    transaction(context, async (change, steps) => {
      check(change);
      const wanted = missing(change);
      const created = await createDevices(
        context,
        change,
        steps,
        startRequests(context, change, wanted),
      );
      for (const device of created) {
        const record = recordOf(change, device);
        if (record !== undefined) change.addDevice({ ...record, untilStop: true });
      }
      return {
        domain: identityOf(domain),
        groups: lendGroups(context, change, domain),
        devices: activeInfos(context, change, created),
      };
    }),
  );
}

/**
 * After a domain has stopped: ends the loans of groups to it, and stops the devices that were started for it. Devices that
 * are no longer defined stay. The loans end even when devices cannot be stopped.
 *
 * @throws NodedevError `in-use` and others of destroying
 */
export async function releaseDomain(context: Context, domain: DomainRef): Promise<DomainRun> {
  const { store, host } = context;
  const started = (view: StoreView): readonly KnownDevice[] =>
    lentGroups(view, domain)
      .flatMap((group) => activeGroup(host, view, group).active)
      .filter((device) => recordOf(view, device)?.untilStop === true)
      .flatMap(({ ref }) => knownDevice(context, ref) ?? [])
      // A definition that cannot be read, for the moment or at all, is one all the same.
      .filter(isDefined);
  const takeBack = (change: StoreChange): readonly string[] => {
    const groups = lentGroups(change, domain);
    for (const group of groups) change.lend(group, undefined);
    return groups;
  };
  if ((await store.readAll((view) => lentGroups(view, domain))).length === 0) {
    return { domain: identityOf(domain), groups: [], devices: [] };
  }
  try {
    const scriptDevices = () => scripted(context, started);
    return await aroundScripts(context, 'stop', scriptDevices, () =>
      transaction(context, async (change, steps) => {
        const devices = started(change);
        const stopped = deviceInfos(host, change, devices);
        const groups = takeBack(change);
        const active = devices.flatMap((device) => device.active ?? []);
        await destroyDevices(context, change, steps, active, { stopped: identityOf(domain) });
        return { domain: identityOf(domain), groups, devices: stopped };
      }),
    );
  } catch (error) {
    if (error instanceof NodedevError) await transaction(context, takeBack);
    throw error;
  }
}

/** Lends the groups of a domain's devices to it, without devices that other programs made. */
function lendGroups(
  context: Context,
  change: StoreChange,
  domain: DomainOutline,
): readonly string[] {
  const ours = activeDevices(context, domain).filter((device) => !isForeign(change, device));
  for (const device of ours) adopt(context, change, device);
  const groups = [...new Set(ours.flatMap((device) => recordOf(change, device)?.group ?? []))];
  for (const group of groups) change.lend(group, identityOf(domain));
  return groups;
}

const activeDevices = ({ host }: Context, { mdevs }: DomainOutline): readonly HostDevice[] =>
  mdevs.flatMap((uuid) => host.find(uuid) ?? []);

const lentGroups = (view: StoreView, domain: DomainRef): readonly string[] =>
  view
    .activeGroups()
    .filter(({ lentTo }) => lentTo !== undefined && isSameDomain(lentTo, domain))
    .map(({ name }) => name);

const identityOf = ({ name, uuid }: DomainRef): DomainRef => ({ name, uuid });
