import type { DomainOutline } from '../../domain/domain-outline.ts';
import { NodedevError } from '../../errors.ts';
import type { HostDevice } from '../../host/host.ts';
import { aroundScripts } from '../scripts/around-scripts.ts';
import type { Context } from '../context.ts';
import type { DefinitionRef } from '../definitions/definitions.ts';
import { createDevices } from '../devices/create.ts';
import { destroyDevices } from '../devices/destroy.ts';
import { activeGroup } from '../devices/groups.ts';
import {
  deviceInfos,
  type KnownDevice,
  knownDevice,
  lookUpDevice,
  nameOf,
  recordOf,
} from '../devices/inventory.ts';
import { activeInfos, scripted } from '../manager/shared.ts';
import { hostdevInactive } from '../wording/messages.ts';
import { startRequests } from '../devices/start.ts';
import type { StoreChange, StoreView } from '../store/store.ts';
import { transaction } from '../journal/transaction.ts';
import type { DomainRef } from '../../domain/domain-ref.ts';
import type { DomainRun } from '../types.ts';
import { refuseAnothers } from './claim.ts';
import { adopt, isForeign, knownGroup } from './foreign.ts';
import { isSameDomain } from '../../domain/domain-ref.ts';

/**
 * Prepares the start of a domain: its devices that are not active are started from their definitions, in one transaction,
 * and the groups of all its devices are lent to it. Active devices of other programs stay as they are. It can be called
 * again for the same domain.
 *
 * @throws NodedevError `device-inactive` (a device is neither active nor defined), `device-ambiguous`, `group-member`,
 *   and those of starting devices
 */
export async function prepareDomain(context: Context, domain: DomainOutline): Promise<DomainRun> {
  const { store, host } = context;
  const { mdevs } = domain;
  const missing = (view: StoreView): readonly KnownDevice[] =>
    mdevs
      .filter((uuid) => host.find(uuid) === undefined)
      .map((uuid) => {
        const device = lookUpDevice(context, view, uuid);
        if (device === undefined) throw hostdevInactive(domain.name, uuid);
        return device;
      });
  const checked = async () => {
    await store.read((view) => startRequests(context, view, missing(view))); // so that no script runs when this fails
    return scripted(context, missing);
  };
  return aroundScripts(context, 'start', checked, () =>
    transaction(context, async (change, steps) => {
      const wanted = missing(change);
      const active = activeDevices(context, domain);
      for (const { ref } of [...active, ...wanted]) refuseOthersGroup(context, change, domain, ref);
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
export async function releaseDomain(context: Context, domain: DomainOutline): Promise<DomainRun> {
  const { store, host } = context;
  const started = (view: StoreView): readonly KnownDevice[] =>
    lentGroups(view, domain)
      .flatMap((group) => activeGroup(host, view, group).active)
      .filter((device) => recordOf(view, device)?.untilStop === true)
      .flatMap(({ ref }) => knownDevice(context, ref) ?? [])
      .filter((device) => device.definition !== undefined);
  const takeBack = (change: StoreChange): readonly string[] => {
    const groups = lentGroups(change, domain);
    for (const group of groups) change.lend(group, undefined);
    return groups;
  };
  if ((await store.read((view) => lentGroups(view, domain))).length === 0) {
    return { domain: identityOf(domain), groups: [], devices: [] };
  }
  try {
    const scriptDevices = () => scripted(context, started);
    return await aroundScripts(context, 'stop', scriptDevices, () =>
      transaction(context, (change, steps) => {
        const devices = started(change);
        const stopped = deviceInfos(host, change, devices);
        const groups = takeBack(change);
        const active = devices.flatMap((device) => device.active ?? []);
        destroyDevices(context, change, steps, active, { stopped: identityOf(domain) });
        return { domain: identityOf(domain), groups, devices: stopped };
      }),
    );
  } catch (error) {
    if (error instanceof NodedevError) await transaction(context, takeBack);
    throw error;
  }
}

/** Refuses a device whose group belongs to another domain. @throws NodedevError `group-member` */
function refuseOthersGroup(
  context: Context,
  view: StoreView,
  domain: DomainRef,
  ref: DefinitionRef,
): void {
  const device = knownDevice(context, ref);
  const group = device && knownGroup(view, device);
  if (group !== undefined) refuseAnothers(context, view, domain, nameOf(ref), group);
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
