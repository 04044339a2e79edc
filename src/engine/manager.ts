import type { SimulatedHost } from '../host/simulated/host.ts';
import { listCards } from './devices/cards.ts';
import { type Context, forCall } from './context.ts';
import { findParent, parentName } from './devices/inventory.ts';
import { listDevices, nodeInfo } from './devices/list.ts';
import { withParamsAsAttribute } from './devices/attribute-writes.ts';
import { lookUp } from './devices/look-up.ts';
import { activeDeviceMethods } from './manager/active-devices.ts';
import { changeMethods } from './manager/changes.ts';
import { definitionMethods } from './manager/definitions.ts';
import { groupMethods } from './manager/groups.ts';
import { mdevctlMethods } from './manager/mdevctl.ts';
import { ownershipMethods } from './manager/ownership.ts';
import { OwnDrivers } from './manager/own-drivers.ts';
import { simulationMethods } from './manager/simulation.ts';
import { functionsOf } from './devices/functions.ts';
import { requireMdevSupport, tellMdevSupport } from './wording/mdev-support.ts';
import { connectionClosed } from './wording/messages.ts';
import { unansweredForgotten } from './wording/mount-messages.ts';
import { parentUnknown } from './wording/request-messages.ts';
import { functionsOff } from './wording/setup-messages.ts';
import { offCardOf, offCards } from './setup/off-cards.ts';
import type { EngineManager } from './node-device-manager.ts';
import { forget, recover, recoveryState } from './journal/recover.ts';
import { pictureOf } from './devices/picture.ts';
import { documentIssues } from './devices/resources.ts';
import { listTypes } from './devices/types-of-parent.ts';

/**
 * The manager of one host. Documents are read before the lock is taken. A change is one transaction.
 *
 * @param simulated the context's host, if it is a simulated one
 * @param drivers those that are not part of this package; closing it takes them away
 */
export function createManager(
  uri: string,
  context: Context,
  simulated: SimulatedHost | undefined,
  drivers: OwnDrivers = new OwnDrivers(),
): EngineManager {
  const { host, store } = context;
  const closing = new AbortController();

  const lookup: EngineManager['lookup'] = (name, { inactive = false } = {}) =>
    store.read((view) => lookUp(context, view, name, { inactive, guest: true }));

  const close = async (): Promise<void> => {
    closing.abort();
    await store.close();
    drivers.removeAll();
  };

  return {
    uri,
    ...activeDeviceMethods(context),
    ...definitionMethods(context),
    ...groupMethods(context),
    ...mdevctlMethods(context),
    ...changeMethods(context),
    ...ownershipMethods(context),
    ...simulationMethods(uri, context, simulated, drivers),

    lookup,
    list: (filter = {}) => store.read((view) => listDevices(context, view, filter)),
    info: (name) => store.read((view) => nodeInfo(context, view, name)),

    async dumpxml(name, { dialect, inactive = false, xpath, wrap } = {}) {
      const { formatNodeDevice, nodeDeviceElement } = await import('../nodedev/format.ts');
      const options = { inactive, guest: dialect === 'thread', isLibvirts: dialect === 'libvirt' };
      const found = await store.read((view) => lookUp(context, view, name, options));
      // libvirt knows no <params>: it prints the attribute that they are written to.
      const device = dialect === 'libvirt' ? withParamsAsAttribute(found) : found;
      if (xpath === undefined) return formatNodeDevice(device, { dialect });
      const { selectXpath } = await import('../xml/xpath/select.ts');
      const nodes = selectXpath(nodeDeviceElement(device, dialect), xpath, { wrap });
      return nodes.map((node) => `${node}\n`).join('');
    },

    types: async (filter = {}) => {
      const { parent } = filter;
      if (parent === undefined) tellMdevSupport(context);
      const functions = parent === undefined ? [] : functionsOf(host, parent);
      if (functions.length > 0) return listTypes(host, functions, filter);
      const found = parent === undefined ? undefined : findParent(host, parent);
      const wanted = found && [found];
      if (parent !== undefined && wanted === undefined) {
        const off = offCardOf(offCards(host), parent);
        if (off !== undefined) throw functionsOff(off);
        requireMdevSupport(host);
        throw parentUnknown(parent, host.parents().items.map(parentName));
      }
      return listTypes(host, wanted, filter);
    },
    cards: async () => listCards(host),
    offCards: async () => offCards(host),
    nodes: () => Promise.resolve(host.numaNodes()),
    async capture(options) {
      const { captureHost } = await import('../host/capture/capture.ts');
      return captureHost(host, options);
    },

    async validate(documents, options) {
      const { validateDocuments } = await import('./validate/documents.ts');
      return store.read((view) =>
        validateDocuments(documents, {
          ...options,
          host: pictureOf(context, view),
          devices: (devices) => documentIssues(context, devices),
        }),
      );
    },

    async doctor() {
      const { examine } = await import('./doctor/examine.ts');
      return examine(context);
    },

    async events(options = {}) {
      if (closing.signal.aborted) throw connectionClosed();
      const { openEvents } = await import('./events/device-events.ts');
      return openEvents(context, options, closing.signal);
    },

    recoveryState: () => store.readAll((view) => recoveryState(context, view)),

    recover: async ({ forget: id, ...options } = {}) => {
      const call = forCall(context, options);
      if (id !== undefined) return forget(call, id);
      const recovered = await recover(call, { tryLeft: true });
      if (simulated === undefined || simulated.unanswered().length === 0) return recovered;
      const emptied =
        context.isRehearsal === true
          ? simulated.unanswered()
          : await store.write(() => simulated.forgetUnanswered(), call.signal);
      return [...recovered, ...emptied.map((path) => unansweredForgotten(host.root, path))];
    },

    close,
    [Symbol.asyncDispose]: close,
  };
}
