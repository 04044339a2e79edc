import type { Context } from '../context.ts';
import { allGroups, claimGroup, findGroup, groupInfo, releaseGroup } from '../groups.ts';
import type { NodeDeviceManager } from '../node-device-manager.ts';
import { transaction } from '../transaction.ts';

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
      transaction(context, (change, steps) => {
        claimGroup(context, change, steps, name, domain);
        return groupInfo(host, findGroup(context, change, name));
      }),
    release: (name) =>
      transaction(context, (change, steps) => {
        releaseGroup(context, change, steps, name);
        return groupInfo(host, findGroup(context, change, name));
      }),
  };
}
