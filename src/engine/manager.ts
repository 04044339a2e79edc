import type { HostDevice } from '../host/host.ts';
import type { SimulatedHost } from '../host/simulated/host.ts';
import type { NodeDevice } from '../nodedev/device.ts';
import { aroundScripts, type ScriptedDevice } from './around-scripts.ts';
import { attributeWrites } from './attribute-writes.ts';
import type { Context } from './context.ts';
import { createDevices } from './create.ts';
import { listCards } from './cards.ts';
import { defineDevices, redefine, requireDefinition, undefineDevices } from './define.ts';
import type { DefinitionRef } from './definitions.ts';
import { describeDefinition, describeDevice, describeParent, withoutGuest } from './describe.ts';
import { destroyDevices } from './destroy.ts';
import { startDomain, stopDomain } from './domains.ts';
import { allGroups, claimGroup, findGroup, groupInfo, releaseGroup } from './groups.ts';
import {
  COMPUTER,
  deviceInfo,
  findDevice,
  findParent,
  type KnownDevice,
  knownDevice,
  knownNames,
  lookUpDevice,
  nameOf,
  parentName,
} from './inventory.ts';
import { listDevices, nodeInfo } from './list.ts';
import { requireMdevSupport } from './mdev-support.ts';
import {
  deviceNotActive,
  deviceUnknown,
  hostNotSimulated,
  notPersistent,
  parentUnknown,
} from './messages.ts';
import { type Placement, place } from './placement.ts';
import { recover } from './recover.ts';
import { groupRequest } from './request.ts';
import { startParent } from './start-parent.ts';
import { startPlacements } from './start.ts';
import type { StoreView } from './store.ts';
import { transaction } from './transaction.ts';
import { listTypes } from './types-of-parent.ts';
import type { CreateOptions, DeviceInfo, NodeDeviceManager, Sources } from './types.ts';
import { updateDevice } from './update.ts';

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

  const infos = (view: StoreView, refs: readonly DefinitionRef[]): DeviceInfo[] =>
    refs.flatMap((ref) => {
      const device = knownDevice(context, ref);
      return device === undefined ? [] : [deviceInfo(host, view, device)];
    });

  const find = (view: StoreView, names: string | readonly string[]): KnownDevice[] =>
    [...new Set(typeof names === 'string' ? [names] : names)].map((name) =>
      findDevice(context, view, name),
    );

  const simulatedHost = (): SimulatedHost => {
    if (simulated === undefined) throw hostNotSimulated(uri);
    return simulated;
  };

  const start = async (wanted: (view: StoreView) => readonly KnownDevice[]) => {
    const placements = await store.read((view) => startPlacements(context, view, wanted(view)));
    return aroundScripts(context, 'start', placements.map(scriptedPlacement), () =>
      transaction(context, (change, steps) =>
        infos(change, createDevices(context, change, steps, placements).map(refOf)),
      ),
    );
  };

  const destroy = async (wanted: (view: StoreView) => readonly KnownDevice[]) => {
    const scripted = await store.read((view) => wanted(view).map(scriptedDevice(view)));
    return aroundScripts(context, 'stop', scripted, () =>
      transaction(context, (change, steps) => {
        const devices = wanted(change);
        const told = devices.map((device) => deviceInfo(host, change, device));
        destroyDevices(context, change, steps, devices.map(requireActive));
        return told;
      }),
    );
  };

  const lookup: NodeDeviceManager['lookup'] = (name, { inactive = false } = {}) =>
    store.read((view) => {
      const device = lookUpDevice(context, view, name);
      if (device?.active !== undefined && !inactive) {
        return describeDevice(host, view, device.active);
      }
      if (device?.definition !== undefined) {
        return describeDefinition(host, view, device.definition);
      }
      if (device !== undefined) throw notPersistent(nameOf(device.ref));
      const parent = findParent(host, name);
      if (parent !== undefined) return describeParent(host, parent);
      if (name === COMPUTER) return host.describeComputer();
      throw deviceUnknown(name, knownNames(context, view));
    });

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
      const placements = place(context, groupRequest(await readDevices(xml, options)));
      return aroundScripts(context, 'start', placements.map(scriptedPlacement), () =>
        transaction(context, (change, steps) => {
          const devices = createDevices(context, change, steps, placements);
          const group = findGroup(context, change, placements[0]?.group ?? '');
          return { devices: infos(change, devices.map(refOf)), group: groupInfo(host, group) };
        }),
      );
    },

    destroy: (names) => destroy((view) => find(view, names)),
    destroyGroup: (name) =>
      destroy((view) =>
        findGroup(context, view, name).active.flatMap(
          (device) => knownDevice(context, device.ref) ?? [],
        ),
      ),

    async define(xml, options) {
      const placements = place(context, groupRequest(await readDevices(xml, options)));
      return aroundScripts(context, 'define', placements.map(scriptedPlacement), () =>
        transaction(context, (change, steps) =>
          infos(change, defineDevices(context, change, steps, placements)),
        ),
      );
    },

    async undefine(names) {
      const scripted = await store.read((view) => find(view, names).map(scriptedDevice(view)));
      return aroundScripts(context, 'undefine', scripted, () =>
        transaction(context, (change, steps) => {
          const devices = find(change, names);
          const told = devices.map((device) => deviceInfo(host, change, device));
          undefineDevices(context, change, steps, devices);
          return told;
        }),
      );
    },

    start: (names) => start((view) => find(view, names)),
    startGroup: (name) =>
      start((view) =>
        findGroup(context, view, name).inactive.flatMap((ref) => knownDevice(context, ref) ?? []),
      ),
    startParent: (name) => startParent(context, name, start),

    async autostart(name, enabled) {
      const scripted = await store.read((view) => find(view, name).map(scriptedDevice(view)));
      return aroundScripts(context, 'modify', scripted, () =>
        transaction(context, (change, steps) => {
          const { ref, ...device } = findDevice(context, change, name);
          redefine(context, steps, requireDefinition({ ref, ...device }), { autostart: enabled });
          return nodeInfo(context, change, nameOf(ref));
        }),
      );
    },

    async update(name, xml, options = {}) {
      const { parseSources } = await import('./sources.ts');
      const { devices } = groupRequest(parseSources(xml));
      const [request] = devices;
      const scripted = await store.read((view) => find(view, name).map(scriptedDevice(view)));
      return aroundScripts(context, 'modify', scripted, () =>
        transaction(context, (change, steps) => {
          const device = findDevice(context, change, name);
          if (request === undefined || devices.length > 1) throw deviceUnknown(name);
          const done = updateDevice(context, change, steps, device, request, options);
          return { device: nodeInfo(context, change, nameOf(device.ref)), ...done };
        }),
      );
    },

    groups: () =>
      store.read((view) => allGroups(context, view).map((group) => groupInfo(host, group))),
    group: (name) => store.read((view) => groupInfo(host, findGroup(context, view, name))),
    claim: (name, domain) =>
      transaction(context, (change) => {
        claimGroup(context, change, name, domain);
        return groupInfo(host, findGroup(context, change, name));
      }),
    release: (name) =>
      transaction(context, (change) => {
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

    async startDomain(source) {
      const simulation = simulatedHost();
      const { parseDomain } = await import('../domain/parse-domain.ts');
      const { text, file } =
        typeof source === 'string' ? { text: source, file: undefined } : source;
      const domain = parseDomain(text, { file });
      return transaction(context, (change) =>
        infos(change, startDomain(context, simulation, change, domain).map(refOf)),
      );
    },
    stopDomain: (name) => {
      const simulation = simulatedHost();
      return transaction(context, (change) =>
        infos(change, stopDomain(simulation, name).map(refOf)),
      );
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

    recover: () => recover(context),
    close: () => store.close(),
  };
}

/** The node devices of documents, held against the schema first where that is wanted. */
async function readDevices(
  xml: Sources,
  { validate = false }: CreateOptions = {},
): Promise<readonly NodeDevice[]> {
  const { parseSources } = await import('./sources.ts');
  if (validate) {
    const { refuseInvalid } = await import('./validate/refuse-invalid.ts');
    refuseInvalid(xml);
  }
  return parseSources(xml);
}

const refOf = (device: HostDevice): DefinitionRef => device.ref;

function requireActive({ ref, active }: KnownDevice): HostDevice {
  if (active === undefined) throw deviceNotActive(nameOf(ref));
  return active;
}

function scriptedPlacement({ parent, uuid, type, request }: Placement): ScriptedDevice {
  return {
    ref: { parent: parent.address, uuid },
    type: type.id,
    autostart: false,
    attributes: attributeWrites(type.id, request),
  };
}

const scriptedDevice =
  (view: StoreView) =>
  ({ ref, active, definition }: KnownDevice): ScriptedDevice => {
    const type = active?.type ?? definition?.definition.type ?? '';
    const record = view.device(ref.uuid);
    return {
      ref,
      type,
      autostart: definition?.definition.autostart ?? false,
      attributes:
        record === undefined
          ? (definition?.definition.attributes ?? [])
          : attributeWrites(type, record),
    };
  };
