import type { Context } from '../context.ts';
import { allGroups, claimGroup, findGroup, groupInfo, releaseGroup } from '../groups.ts';
import type { NodeDeviceManager } from '../node-device-manager.ts';

/** The methods of groups and their owners. */
export function groupMethods(
  context: Context,
): Pick<NodeDeviceManager, 'groups' | 'group' | 'claim' | 'release'> {
  const { host, store } = context;
  return {
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
  };
}
