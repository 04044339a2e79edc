import { readHookDomain, readStartingDomain } from '../../domain/hook-domain.ts';
import { type Context, forCall } from '../context.ts';
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
    claim: (name, domain, options = {}) =>
      transaction(forCall(context, options), (change, steps) => {
        const group = claimGroup(context, change, steps, name, domain, {
          mayAdopt: options.adopt,
        });
        return groupInfo(host, change, findGroup(context, change, group));
      }),
    claimDevices: (names, domain, options = {}) =>
      transaction(forCall(context, options), (change, steps) =>
        claimDevices(context, change, steps, names, domain, options.adopt).map((group) =>
          groupInfo(host, change, findGroup(context, change, group)),
        ),
      ),
    release: (name, options) =>
      transaction(forCall(context, options), (change, steps) => {
        const group = releaseGroup(context, change, steps, name);
        return groupInfo(host, change, findGroup(context, change, group));
      }),

    async prepareDomain(source, options) {
      const { prepareDomain } = await import('../ownership/domain-run.ts');
      const { text, file } = oneSource(source);
      return prepareDomain(forCall(context, options), readStartingDomain(text, { file }));
    },
    async releaseDomain(source, options) {
      const { releaseDomain } = await import('../ownership/domain-run.ts');
      const { text, file } = oneSource(source);
      return releaseDomain(forCall(context, options), readHookDomain(text, { file }));
    },
  };
}
