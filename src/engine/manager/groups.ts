import type { Context } from '../context.ts';
import { allGroups, findGroup, groupInfo } from '../devices/groups.ts';
import type { NodeDeviceManager } from '../node-device-manager.ts';

/** The methods that return groups. */
export function groupMethods(context: Context): Pick<NodeDeviceManager, 'groups' | 'group'> {
  const { host, store } = context;
  return {
    groups: () =>
      store.read((view) => allGroups(context, view).map((group) => groupInfo(host, view, group))),
    group: (name) => store.read((view) => groupInfo(host, view, findGroup(context, view, name))),
  };
}
