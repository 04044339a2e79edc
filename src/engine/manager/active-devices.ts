import type { HostDevice } from '../../host/host.ts';
import { aroundScripts, scriptedPlacement } from '../scripts/around-scripts.ts';
import { type Context, forCall } from '../context.ts';
import { createDevices } from '../devices/create.ts';
import { destroyDevices } from '../devices/destroy.ts';
import { requireGeneration } from '../devices/generation.ts';
import { findGroup, groupInfo, lookUpGroup } from '../devices/groups.ts';
import {
  deviceInfos,
  findDevice,
  type KnownDevice,
  knownDevice,
  nameOf,
  recordOf,
} from '../devices/inventory.ts';
import { deviceNotActive, groupActive, groupNotActive } from '../wording/messages.ts';
import { leftAsItIs } from '../wording/request-messages.ts';
import type { NodeDeviceManager } from '../node-device-manager.ts';
import { deviceName } from '../devices/inventory.ts';
import { type ResolvedRequest, resolveRequests } from '../devices/resolve-requests.ts';
import { groupRequest } from '../devices/request.ts';
import { startParent } from '../devices/start-parent.ts';
import { startRequests } from '../devices/start.ts';
import type { StoreView } from '../store/store.ts';
import { transaction } from '../journal/transaction.ts';
import type { DestroyOptions, StartOptions } from '../call-options.ts';
import { waitUntilFree } from '../devices/wait-until-free.ts';
import { activeInfos, find, findThere, infosAfter, readSources, scripted } from './shared.ts';

/** The methods that create, start and destroy devices. */
export function activeDeviceMethods(
  connection: Context,
): Pick<
  NodeDeviceManager,
  'create' | 'destroy' | 'destroyGroup' | 'gc' | 'start' | 'startGroup' | 'startParent'
> {
  const { host, store } = connection;

  const start = async (
    wanted: (view: StoreView) => readonly KnownDevice[],
    options?: StartOptions,
  ) => {
    const context = forCall(connection, options);
    const checked = async () => {
      await store.read((view) => startRequests(context, view, wanted(view))); // so that no script runs when this fails
      return scripted(context, wanted);
    };
    return aroundScripts(context, 'start', checked, () =>
      transaction(context, async (change, steps) => {
        const placements = startRequests(context, change, wanted(change));
        return activeInfos(
          context,
          change,
          await createDevices(context, change, steps, placements, options),
        );
      }),
    );
  };

  const destroy = async (
    wanted: (view: StoreView) => readonly KnownDevice[],
    options: DestroyOptions = {},
  ) => {
    const context = forCall(connection, options);
    const { wait = 0 } = options;
    if (wait > 0) {
      const devices = await store.read((view) => wanted(view).map(requireActive));
      await waitUntilFree(host, devices, wait, options.signal);
    }
    return aroundScripts(
      context,
      'stop',
      () => scripted(context, wanted),
      () =>
        transaction(context, async (change, steps) => {
          const devices = wanted(change);
          const before = deviceInfos(host, change, devices);
          await destroyDevices(context, change, steps, devices.map(requireActive), options);
          return infosAfter(context, change, devices, before);
        }),
    );
  };

  return {
    async create(xml, options) {
      const context = forCall(connection, options);
      const placements = resolveRequests(
        context,
        groupRequest(host, await readSources(context, xml, options)),
      );
      /** The device of ours that is there already, where that is no reason to refuse it. */
      const existing = (view: StoreView, { uuid, parent, type }: ResolvedRequest) => {
        const device = options?.ifNotExists === true ? host.find(uuid) : undefined;
        const isSame = device?.ref.parent === parent.address && device.type === type.id;
        return device !== undefined && isSame && recordOf(view, device) ? device : undefined;
      };
      const scriptDevices = async () =>
        store.read((view) =>
          placements
            .filter((placement) => existing(view, placement) === undefined)
            .map((placement) => scriptedPlacement(placement)),
        );
      return aroundScripts(context, 'start', scriptDevices, () =>
        transaction(context, async (change, steps) => {
          requireGeneration(context, change, options);
          const there = placements.map((placement) => existing(change, placement));
          const missing = placements.filter((_, index) => there[index] === undefined);
          for (const device of there) {
            if (device !== undefined) context.report(leftAsItIs(deviceName(device)));
          }
          const made = await createDevices(context, change, steps, missing, options);
          const rest = [...made];
          const devices = there.flatMap((device) => device ?? rest.shift() ?? []);
          const [first] = devices;
          const name = (first && recordOf(change, first)?.group) ?? placements[0]?.group ?? '';
          const group = findGroup(context, change, name);
          return {
            devices: activeInfos(context, change, devices),
            group: groupInfo(host, change, group),
          };
        }),
      );
    },

    destroy: (names, options) =>
      destroy(
        (view) =>
          options?.ifExists === true
            ? findThere(connection, view, names).filter(({ active }) => active !== undefined)
            : find(connection, view, names),
        options,
      ),
    destroyGroup: (name, options) =>
      destroy((view) => {
        const { active = [] } =
          options?.ifExists === true
            ? (lookUpGroup(connection, view, name) ?? {})
            : findGroup(connection, view, name);
        if (active.length === 0 && options?.ifExists !== true) throw groupNotActive(name);
        return active.flatMap((device) => knownDevice(connection, device.ref) ?? []);
      }, options),

    async gc(options = {}) {
      const { collectOrphans } = await import('../ownership/orphans.ts');
      const { signal } = options;
      return collectOrphans(forCall(connection, options), options, (wanted) =>
        destroy(wanted, { signal }),
      );
    },

    start: (names, options) =>
      start((view) => find(connection, view, names, undefined, 'active'), options),
    startGroup: (name, options) =>
      start((view) => {
        const { inactive } = findGroup(connection, view, name);
        if (inactive.length === 0) throw groupActive(name);
        return inactive;
      }, options),
    startParent: (name, { wait, ...options } = {}) =>
      startParent(
        forCall(connection, options),
        name,
        (refs) =>
          start((view) => refs.map((ref) => findDevice(connection, view, nameOf(ref))), options),
        wait,
      ),
  };
}

function requireActive({ ref, active }: KnownDevice): HostDevice {
  if (active === undefined) throw deviceNotActive(nameOf(ref));
  return active;
}
