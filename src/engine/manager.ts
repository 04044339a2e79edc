import type { HostDevice } from '../host/host.ts';
import type { SimulatedHost } from '../host/simulated/host.ts';
import {
  aroundScripts,
  type ScriptedDevice,
  scriptedDevice,
  scriptedPlacement,
} from './around-scripts.ts';
import { attributeWrites } from './attribute-writes.ts';
import { listCards } from './cards.ts';
import type { Context } from './context.ts';
import { createDevices } from './create.ts';
import {
  defineDevices,
  keepGroups,
  redefine,
  requireDefinition,
  undefineDevices,
} from './define.ts';
import type { DefinitionRef } from './definitions.ts';
import { withoutGuest } from './describe.ts';
import { destroyDevices } from './destroy.ts';
import { startDomain, stopDomain } from './domains.ts';
import { allGroups, claimGroup, findGroup, groupInfo, releaseGroup } from './groups.ts';
import {
  deviceInfo,
  findDevice,
  findParent,
  type KnownDevice,
  knownDevice,
  type Meant,
  nameOf,
  parentName,
} from './inventory.ts';
import { listDevices, nodeInfo } from './list.ts';
import { lookUp } from './look-up.ts';
import { requireMdevSupport } from './mdev-support.ts';
import {
  deviceNotActive,
  groupActive,
  groupNotActive,
  hostNotSimulated,
  parentUnknown,
} from './messages.ts';
import { place } from './placement.ts';
import { groupRequest } from './request.ts';
import { startParent } from './start-parent.ts';
import { startPlacements } from './start.ts';
import type { StoreView } from './store.ts';
import { transaction } from './transaction.ts';
import { listTypes } from './types-of-parent.ts';
import type { CreateOptions, DeviceInfo, NodeDeviceManager, Sources } from './types.ts';
import { singleUpdate, updateDevice } from './update.ts';

/**
 * The core engine over one host. Documents are read before the store is locked; a change is one transaction of the
 * store, synchronous, so that no other process of ours sees half of it.
 *
 * @param simulated the same host again when it is a simulated one
 */
export function createManager(
  uri: string,
  context: Context,
  simulated: SimulatedHost | undefined,
): NodeDeviceManager {
  const { host, store } = context;
  const closing = new AbortController();

  const infos = (view: StoreView, refs: readonly DefinitionRef[]): DeviceInfo[] =>
    refs.flatMap((ref) => {
      const device = knownDevice(context, ref);
      return device === undefined ? [] : [deviceInfo(host, view, device)];
    });

  /** Each device once, by whatever names. */
  const find = (
    view: StoreView,
    names: string | readonly string[],
    meant?: Meant,
  ): KnownDevice[] => {
    const found = (typeof names === 'string' ? [names] : names).map((name) => {
      const device = findDevice(context, view, name, meant);
      return [nameOf(device.ref), device] as const;
    });
    return [...new Map(found).values()];
  };

  const scripted = (
    look: (view: StoreView) => readonly KnownDevice[],
  ): Promise<readonly ScriptedDevice[]> =>
    store.read((view) => look(view).map((device) => scriptedDevice(view, device)));

  const readSources = async (xml: Sources, options?: CreateOptions) => {
    const { readDevices } = await import('./sources.ts');
    return readDevices(xml, options);
  };

  const simulatedHost = (): SimulatedHost => {
    if (simulated === undefined) throw hostNotSimulated(uri);
    return simulated;
  };

  const start = async (wanted: (view: StoreView) => readonly KnownDevice[]) => {
    const checked = async () => {
      await store.read((view) => startPlacements(context, view, wanted(view))); // else no script is run
      return scripted(wanted);
    };
    return aroundScripts(context, 'start', checked, () =>
      transaction(context, (change, steps) => {
        const placements = startPlacements(context, change, wanted(change));
        return infos(change, createDevices(context, change, steps, placements).map(refOf));
      }),
    );
  };

  const destroy = async (wanted: (view: StoreView) => readonly KnownDevice[]) => {
    return aroundScripts(
      context,
      'stop',
      () => scripted(wanted),
      () =>
        transaction(context, (change, steps) => {
          const devices = wanted(change);
          const told = devices.map((device) => deviceInfo(host, change, device));
          destroyDevices(context, change, steps, devices.map(requireActive));
          return told;
        }),
    );
  };

  const lookup: NodeDeviceManager['lookup'] = (name, { inactive = false } = {}) =>
    store.read((view) => lookUp(context, view, name, inactive));

  return {
    uri,
    lookup,
    list: (filter = {}) => store.read((view) => listDevices(context, view, filter)),
    info: (name) => store.read((view) => nodeInfo(context, view, name)),

    async dumpxml(name, { dialect, inactive } = {}) {
      const { formatNodeDevice } = await import('../nodedev/format.ts');
      const device = await lookup(name, { inactive });
      return formatNodeDevice(dialect === 'thread' ? device : withoutGuest(device), { dialect });
    },

    async create(xml, options) {
      const placements = place(context, groupRequest(await readSources(xml, options)));
      const told = async () => placements.map((placement) => scriptedPlacement(placement));
      return aroundScripts(context, 'start', told, () =>
        transaction(context, (change, steps) => {
          const devices = createDevices(context, change, steps, placements);
          const group = findGroup(context, change, placements[0]?.group ?? '');
          return { devices: infos(change, devices.map(refOf)), group: groupInfo(host, group) };
        }),
      );
    },

    destroy: (names) => destroy((view) => find(view, names)),
    destroyGroup: (name) =>
      destroy((view) => {
        const { active } = findGroup(context, view, name);
        if (active.length === 0) throw groupNotActive(name);
        return active.flatMap((device) => knownDevice(context, device.ref) ?? []);
      }),

    async define(xml, options = {}) {
      const { autostart = false } = options;
      const request = groupRequest(await readSources(xml, options));
      const placements = place(context, request);
      const devices = async () =>
        placements.map((placement) => scriptedPlacement(placement, autostart));
      return aroundScripts(context, 'define', devices, () =>
        transaction(context, (change, steps) => {
          const placed =
            request.group === undefined ? keepGroups(context, change, placements) : placements;
          return infos(change, defineDevices(context, change, steps, placed, autostart));
        }),
      );
    },

    async undefine(names) {
      const wanted = (view: StoreView) => find(view, names, 'defined');
      return aroundScripts(
        context,
        'undefine',
        () => scripted(wanted),
        () =>
          transaction(context, (change, steps) => {
            const devices = wanted(change);
            const told = devices.map((device) => deviceInfo(host, change, device));
            undefineDevices(context, change, steps, devices);
            return told;
          }),
      );
    },

    start: (names) => start((view) => find(view, names)),
    startGroup: (name) =>
      start((view) => {
        const { inactive } = findGroup(context, view, name);
        if (inactive.length === 0) throw groupActive(name);
        return inactive;
      }),
    startParent: (name) =>
      startParent(context, name, (refs) =>
        start((view) => refs.map((ref) => findDevice(context, view, nameOf(ref)))),
      ),

    async autostart(name, enabled) {
      const wanted = (view: StoreView) => find(view, name, 'defined');
      const devices = async () =>
        (await scripted(wanted)).map((device) => ({ ...device, autostart: enabled }));
      return aroundScripts(context, 'modify', devices, () =>
        transaction(context, (change, steps) => {
          const device = findDevice(context, change, name, 'defined');
          redefine(context, steps, requireDefinition(device), { autostart: enabled });
          return nodeInfo(context, change, nameOf(device.ref));
        }),
      );
    },

    async update(name, xml, options = {}) {
      const update = singleUpdate(groupRequest(await readSources(xml)));
      const meant = options.config === true ? 'defined' : 'active';
      const devices = async () =>
        (await scripted((view) => find(view, name, meant))).map((device) => ({
          ...device,
          attributes: attributeWrites(device.type, update.request),
        }));
      return aroundScripts(context, 'modify', devices, () =>
        transaction(context, (change, steps) => {
          const device = findDevice(context, change, name, meant);
          const done = updateDevice(context, change, steps, device, update, options);
          return { device: nodeInfo(context, change, nameOf(device.ref)), ...done };
        }),
      );
    },

    groups: () =>
      store.read((view) => allGroups(context, view).map((group) => groupInfo(host, group))),
    group: (name) => store.read((view) => groupInfo(host, findGroup(context, view, name))),
    claim: (name, domain) =>
      store.write((change) => {
        claimGroup(context, change, name, domain);
        return groupInfo(host, findGroup(context, change, name));
      }),
    release: (name) =>
      store.write((change) => {
        releaseGroup(context, change, name);
        return groupInfo(host, findGroup(context, change, name));
      }),

    types: async (filter = {}) => {
      requireMdevSupport(host);
      const { parent } = filter;
      const wanted = parent === undefined ? undefined : findParent(host, parent);
      if (parent !== undefined && wanted === undefined) {
        throw parentUnknown(parent, host.parents().items.map(parentName));
      }
      return listTypes(host, wanted, filter);
    },

    async validate(documents, options) {
      const { hostView } = await import('./host-view.ts');
      const { validateDocuments } = await import('./validate/documents.ts');
      return store.read((view) =>
        validateDocuments(documents, { ...options, host: hostView(context, view) }),
      );
    },
    cards: async () => listCards(host),

    events: async (options = {}) => {
      const { openEvents } = await import('./events/device-events.ts');
      return openEvents(context, options, closing.signal);
    },

    async startDomain(source) {
      const simulation = simulatedHost();
      const { parseDomain } = await import('../domain/parse-domain.ts');
      const { text, file } =
        typeof source === 'string' ? { text: source, file: undefined } : source;
      const domain = parseDomain(text, { file });
      return store.write((change) =>
        infos(change, startDomain(context, simulation, change, domain).map(refOf)),
      );
    },
    stopDomain: (name) => {
      const simulation = simulatedHost();
      return store.write((change) => infos(change, stopDomain(simulation, name).map(refOf)));
    },

    resetHost: async () => {
      const simulation = simulatedHost();
      // Another boot: what the store remembers of this one is void.
      await store.write(() => simulation.reset());
    },

    async doctor() {
      const { examine } = await import('./doctor/examine.ts');
      return examine(context);
    },

    close: () => {
      closing.abort();
      return store.close();
    },
  };
}

const refOf = (device: HostDevice): DefinitionRef => device.ref;

function requireActive({ ref, active }: KnownDevice): HostDevice {
  if (active === undefined) throw deviceNotActive(nameOf(ref));
  return active;
}
