import { type Context, forCall } from '../context.ts';
import { allGroups, findGroup, groupInfo, groupToJoin } from '../devices/groups.ts';
import { moveToGroup, takeOutOfGroup } from '../devices/regroup.ts';
import { transaction } from '../journal/transaction.ts';
import type { NodeDeviceManager } from '../node-device-manager.ts';
import type { AdoptOptions } from '../call-options.ts';
import { groupExists } from '../wording/messages.ts';
import { find, infos } from './shared.ts';

/** The methods that return groups and change their members. */
export function groupMethods(
  connection: Context,
): Pick<NodeDeviceManager, 'groups' | 'group' | 'createGroup' | 'addToGroup' | 'removeFromGroup'> {
  const { host, store } = connection;

  const put = (name: string, devices: readonly string[], options: AdoptOptions, isNew: boolean) => {
    const context = forCall(connection, options);
    return transaction(context, (change, steps) => {
      if (!isNew) findGroup(context, change, name);
      else if (groupToJoin(context, change, name) !== undefined) throw groupExists(name);
      const members = find(context, change, devices);
      moveToGroup(context, change, steps, members, name, options.adopt);
      return groupInfo(host, change, findGroup(context, change, name));
    });
  };

  return {
    groups: () =>
      store.read((view) =>
        allGroups(connection, view).map((group) => groupInfo(host, view, group)),
      ),
    group: (name) => store.read((view) => groupInfo(host, view, findGroup(connection, view, name))),
    createGroup: (name, devices, options = {}) => put(name, devices, options, true),
    addToGroup: (name, devices, options = {}) => put(name, devices, options, false),
    removeFromGroup: (name, devices, options) => {
      const context = forCall(connection, options);
      return transaction(context, (change, steps) => {
        findGroup(context, change, name);
        const members = find(context, change, devices);
        takeOutOfGroup(context, change, steps, members, name);
        return infos(
          context,
          change,
          members.map(({ ref }) => ref),
        );
      });
    },
  };
}
