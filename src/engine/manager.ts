import type { HostDevice } from '../host/host.ts';
import type { SimulatedHost } from '../host/simulated/host.ts';
import type { Context } from './context.ts';
import { createGroup } from './create.ts';
import { describeDevice, describeParent } from './describe.ts';
import { destroyDevices } from './destroy.ts';
import { startDomain, stopDomain } from './domains.ts';
import { claimGroup, findGroup, groupInfo, membersOf, releaseGroup } from './groups.ts';
import {
  COMPUTER,
  deviceInfo,
  findDevice,
  findParent,
  knownNames,
  lookUpDevice,
  parentName,
} from './inventory.ts';
import { listDevices, nodeInfo, problem } from './list.ts';
import { requireMdevSupport } from './mdev-support.ts';
import { deviceUnknown, hostNotSimulated, parentUnknown } from './messages.ts';
import { groupRequest } from './request.ts';
import type { StoreView } from './store.ts';
import { typeInfos } from './types-of-parent.ts';
import type { DeviceInfo, NodeDeviceManager } from './types.ts';

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

  const infos = (view: StoreView, devices: readonly HostDevice[]): DeviceInfo[] =>
    devices.map((device) => deviceInfo(device, host.parent(device.ref.parent), view));

  const simulatedHost = (): SimulatedHost => {
    if (simulated === undefined) throw hostNotSimulated(uri);
    return simulated;
  };

  const lookup: NodeDeviceManager['lookup'] = async (name) =>
    store.read((view) => {
      const device = lookUpDevice(context, view, name);
      if (device !== undefined) return describeDevice(host, view, device);
      const parent = findParent(host, name);
      if (parent !== undefined) return describeParent(host, parent);
      if (name === COMPUTER) return host.describeComputer();
      throw deviceUnknown(name, knownNames(host, view));
    });

  return {
    uri,
    lookup,
    list: async (filter = {}) => store.read((view) => listDevices(host, view, filter)),
    info: async (name) => store.read((view) => nodeInfo(context, view, name)),

    async dumpxml(name, { dialect } = {}) {
      const { formatNodeDevice } = await import('../nodedev/format.ts');
      return formatNodeDevice(await lookup(name), { dialect });
    },

    async create(xml) {
      const { parseSources } = await import('./sources.ts');
      const request = groupRequest(parseSources(xml));
      requireMdevSupport(host);
      return store.write((change) => {
        const { devices, group } = createGroup(context, change, request);
        return {
          devices: infos(change, devices),
          group: groupInfo(host, findGroup(change, group)),
        };
      });
    },

    destroy: async (names) =>
      store.write((change) => {
        const wanted = typeof names === 'string' ? [names] : names;
        const devices = [...new Set(wanted)].map((name) => findDevice(context, change, name));
        const told = infos(change, devices);
        destroyDevices(context, change, devices);
        return told;
      }),

    destroyGroup: async (name) =>
      store.write((change) => {
        const devices = membersOf(host, findGroup(change, name));
        const told = infos(change, devices);
        destroyDevices(context, change, devices);
        return told;
      }),

    groups: async () =>
      store.read((view) =>
        view
          .groups()
          .map((group) => groupInfo(host, group))
          .filter((group) => group.members.length > 0)
          .toSorted((a, b) => a.number - b.number),
      ),
    group: async (name) => store.read((view) => groupInfo(host, findGroup(view, name))),
    claim: async (name, domain) =>
      store.write((change) => {
        claimGroup(host, change, name, domain);
        return groupInfo(host, findGroup(change, name));
      }),
    release: async (name) =>
      store.write((change) => {
        releaseGroup(host, change, name);
        return groupInfo(host, findGroup(change, name));
      }),

    async types({ parent: name } = {}) {
      const listing = host.parents();
      requireMdevSupport(host, listing);
      const wanted = name === undefined ? undefined : findParent(host, name);
      if (name !== undefined && wanted === undefined) {
        throw parentUnknown(name, listing.items.map(parentName));
      }
      const parents = wanted === undefined ? listing.items : [wanted];
      const results = parents.map((parent) => typeInfos(host, parent));
      return {
        items: results.flatMap((result) => result.items),
        problems: [
          ...(wanted === undefined ? listing.unreadable.map(problem) : []),
          ...results.flatMap((result) => result.problems),
        ],
      };
    },

    async startDomain(domainXml) {
      const simulation = simulatedHost();
      const { parseDomain } = await import('../domain/parse-domain.ts');
      const { text, file } =
        typeof domainXml === 'string' ? { text: domainXml, file: undefined } : domainXml;
      const domain = parseDomain(text, { file });
      return store.write((change) => infos(change, startDomain(simulation, change, domain)));
    },
    stopDomain: async (name) => {
      const simulation = simulatedHost();
      return store.write((change) => infos(change, stopDomain(simulation, name)));
    },

    async doctor() {
      const { examine } = await import('./doctor/examine.ts');
      return examine(context);
    },

    close: () => store.close(),
  };
}
