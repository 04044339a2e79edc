import type { Context } from '../context.ts';
import { findGroup, groupInfo } from '../groups.ts';
import type { NodeDeviceManager } from '../node-device-manager.ts';
import { claimDevices, claimGroup, releaseGroup } from '../ownership/claim.ts';

/** The methods that say whose devices are. */
export function ownershipMethods(
  context: Context,
): Pick<
  NodeDeviceManager,
  'claim' | 'claimDevices' | 'release' | 'prepareDomain' | 'releaseDomain'
> {
  const { host, store } = context;
  return {
    claim: (name, domain, { adopt } = {}) =>
      store.write((change) => {
        const group = claimGroup(context, change, name, domain, adopt);
        return groupInfo(host, change, findGroup(context, change, group));
      }),
    claimDevices: (names, domain, { adopt } = {}) =>
      store.write((change) =>
        claimDevices(context, change, names, domain, adopt).map((group) =>
          groupInfo(host, change, findGroup(context, change, group)),
        ),
      ),
    release: (name) =>
      store.write((change) => {
        releaseGroup(context, change, name);
        return groupInfo(host, change, findGroup(context, change, name));
      }),

    async prepareDomain(source) {
      const { hookDomain, prepareDomain } = await import('../ownership/domain-run.ts');
      return prepareDomain(context, hookDomain(source));
    },
    async releaseDomain(source) {
      const { hookDomain, releaseDomain } = await import('../ownership/domain-run.ts');
      return releaseDomain(context, hookDomain(source));
    },
  };
}
