import { readHookDomain, readStartingDomain } from '../../domain/hook-domain.ts';
import type { Context } from '../context.ts';
import { oneSource } from '../devices/source-list.ts';
import { findGroup, groupInfo } from '../devices/groups.ts';
import type { NodeDeviceManager } from '../node-device-manager.ts';
import { claimDevices, claimGroup, releaseGroup } from '../ownership/claim.ts';
import { transaction } from '../journal/transaction.ts';

/** The methods that change and use the owners of groups. */
export function ownershipMethods(
  context: Context,
): Pick<
  NodeDeviceManager,
  'claim' | 'claimDevices' | 'release' | 'prepareDomain' | 'releaseDomain'
> {
  const { host } = context;
  return {
    claim: (name, domain, { adopt } = {}) =>
      transaction(context, (change, steps) => {
        const group = claimGroup(context, change, steps, name, domain, adopt);
        return groupInfo(host, change, findGroup(context, change, group));
      }),
    claimDevices: (names, domain, { adopt } = {}) =>
      transaction(context, (change, steps) =>
        claimDevices(context, change, steps, names, domain, adopt).map((group) =>
          groupInfo(host, change, findGroup(context, change, group)),
        ),
      ),
    release: (name) =>
      transaction(context, (change, steps) => {
        releaseGroup(context, change, steps, name);
        return groupInfo(host, change, findGroup(context, change, name));
      }),

    async prepareDomain(source) {
      const { prepareDomain } = await import('../ownership/domain-run.ts');
      const { text, file } = oneSource(source);
      return prepareDomain(context, readStartingDomain(text, { file }));
    },
    async releaseDomain(source) {
      const { releaseDomain } = await import('../ownership/domain-run.ts');
      const { text, file } = oneSource(source);
      return releaseDomain(context, readHookDomain(text, { file }));
    },
  };
}
