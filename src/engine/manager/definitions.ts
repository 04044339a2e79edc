import { aroundScripts, scriptedPlacement } from '../scripts/around-scripts.ts';
import { bootOvercommit, neverStarts } from '../devices/boot-room.ts';
import { listCards } from '../devices/cards.ts';
import { attributeWrites } from '../devices/attribute-writes.ts';
import { type Context, forCall } from '../context.ts';
import { definedAmong, defineOrUpdate } from '../definitions/define-or-update.ts';
import { keepGroups, redefine, requireDefinition, undefineDevices } from '../definitions/define.ts';
import { deviceInfos, findDevice, isDefined, knownDevice, nameOf } from '../devices/inventory.ts';
import { requireGeneration } from '../devices/generation.ts';
import { nodeInfo } from '../devices/list.ts';
import type { NodeDeviceManager } from '../node-device-manager.ts';
import { reportDefined } from '../devices/resources.ts';
import { resolveRequests } from '../devices/resolve-requests.ts';
import { groupRequest } from '../devices/request.ts';
import type { StoreView } from '../store/store.ts';
import { transaction } from '../journal/transaction.ts';
import { singleUpdate, updateDevice } from '../devices/update.ts';
import { find, findThere, infos, infosAfter, readSources, scripted } from './shared.ts';

/** The methods that change definitions. `update` changes active devices, too. */
export function definitionMethods(
  connection: Context,
): Pick<NodeDeviceManager, 'define' | 'undefine' | 'autostart' | 'update'> {
  const { host } = connection;
  return {
    async define(xml, options = {}) {
      const context = forCall(connection, options);
      const { autostart = false, ifNotExists = false } = options;
      const request = groupRequest(host, await readSources(context, xml, options));
      const placements = resolveRequests(context, request);
      const known = definedAmong(context, placements, options);
      const scriptDevices = (isKnown: boolean) => async () =>
        placements
          .filter((placement) => known.has(placement) === isKnown && !(isKnown && ifNotExists))
          .map((placement) => {
            const isOn = known.get(placement)?.definition?.definition.autostart ?? false;
            return scriptedPlacement(placement, autostart || isOn);
          });
      const define = () =>
        transaction(context, (change, steps) => {
          requireGeneration(context, change, options);
          const { group } = request;
          const placed = group === undefined ? keepGroups(context, change, placements) : placements;
          reportDefined(
            context,
            placed.map(({ uuid, parent, type, request: one }) => ({
              uuid,
              parent: parent.address,
              type: type.id,
              writes: attributeWrites(type.id, one),
              location: one.location,
            })),
            autostart,
          );
          const defined = defineOrUpdate(context, change, steps, placed, { ...options, group });
          if (autostart) warnOfBoot(context);
          warnOfGroups(context, change, new Set(placed.map((one) => one.group)));
          return infos(context, change, defined);
        });
      return aroundScripts(context, 'modify', scriptDevices(true), () =>
        aroundScripts(context, 'define', scriptDevices(false), define),
      );
    },

    async undefine(names, options) {
      const context = forCall(connection, options);
      const wanted = (view: StoreView) =>
        options?.ifExists === true
          ? findThere(context, view, names, 'defined').filter(isDefined)
          : find(context, view, names, 'defined', 'undefined');
      return aroundScripts(
        context,
        'undefine',
        () => scripted(context, wanted),
        () =>
          transaction(context, (change, steps) => {
            const devices = wanted(change);
            const before = deviceInfos(host, change, devices);
            undefineDevices(context, change, steps, devices);
            return infosAfter(context, change, devices, before);
          }),
      );
    },

    async autostart(names, enabled, options) {
      const context = forCall(connection, options);
      const scriptDevices = async () => {
        const devices = await scripted(context, (view) => find(context, view, names, 'defined'));
        return devices.map((device) => ({ ...device, autostart: enabled }));
      };
      return aroundScripts(context, 'modify', scriptDevices, () =>
        transaction(context, (change, steps) => {
          const stored = find(context, change, names, 'defined').map((device) =>
            requireDefinition(device, 'noAutostart'),
          );
          for (const each of stored) redefine(context, steps, each, { autostart: enabled });
          if (enabled) {
            warnOfBoot(context);
            const defined = stored.map(({ uuid, parent, definition }) => {
              const { type, attributes: writes } = definition;
              return { uuid, parent, type, writes };
            });
            reportDefined(context, defined, true);
          }
          return infos(context, change, stored);
        }),
      );
    },

    async update(name, xml, options = {}) {
      const context = forCall(connection, options);
      const update = singleUpdate(groupRequest(host, await readSources(context, xml)));
      const meant = options.config === true ? 'defined' : 'active';
      const scriptDevices = async () => {
        const devices = await scripted(context, (view) => find(context, view, name, meant));
        return devices.map((device) => {
          const attributes = attributeWrites(device.type ?? '', update.request);
          return { ...device, attributes };
        });
      };
      return aroundScripts(context, 'modify', scriptDevices, () =>
        transaction(
          context,
          async (change, steps) => {
            const device = findDevice(context, change, name, meant);
            const done = await updateDevice(context, change, steps, device, update, options);
            return { device: nodeInfo(context, change, nameOf(device.ref)), ...done };
          },
          // A type that a change took comes back.
          { undoesAll: true },
        ),
      );
    },
  };
}

/** Says which of these groups can never start as a whole. */
function warnOfGroups(context: Context, view: StoreView, groups: ReadonlySet<string>): void {
  const several = [...groups].filter((group) => view.definitionsOf(group).length > 1);
  const cards = several.length === 0 ? [] : listCards(context.host).items;
  for (const group of several) {
    const members = view.definitionsOf(group).flatMap(({ parent, uuid }) => {
      const type = knownDevice(context, { parent, uuid })?.definition?.definition.type;
      return type === undefined ? [] : [{ parent, uuid, type }];
    });
    const issue = neverStarts(cards, group, members);
    if (issue !== undefined) context.report(issue);
  }
}

/** Says when definitions with autostart cannot all start at boot. */
function warnOfBoot({ host, definitions, report }: Context): void {
  const starting = definitions.list().items.filter(({ definition }) => definition.autostart);
  const devices = starting.map(({ parent, uuid, definition: { type } }) => ({
    parent,
    uuid,
    type,
  }));
  const issue = bootOvercommit(listCards(host).items, devices);
  if (issue !== undefined) report(issue);
}
