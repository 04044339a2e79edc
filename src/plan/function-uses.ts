import { withFunctions } from '../engine/devices/functions.ts';
import type { DesiredDomain } from './desired.ts';
import type { DesiredDevice, Target } from './draft.ts';
import type { HostIndex } from './host-index.ts';

/**
 * Desired domains with their PCI functions that are devices, or will be, among the devices they use: a domain names a
 * function by its address.
 */
export function withFunctionUses(
  index: HostIndex,
  targets: ReadonlyMap<DesiredDevice, Target>,
  domains: readonly DesiredDomain[],
): readonly DesiredDomain[] {
  if (domains.every(({ functions }) => functions.length === 0)) return domains;
  const uuids = new Map(
    [
      ...index.state.devices.map(({ parent, uuid }) => [parent, uuid] as const),
      ...[...targets].map(([{ uuid }, { parent }]) => [parent.address, uuid] as const),
    ].filter(([address]) => index.find(address)?.info.card.isFunctions === true),
  );
  return domains.map((domain) => {
    const none = { mdevs: [], functions: domain.functions };
    const { mdevs, functions } = withFunctions(none, (address) => uuids.get(address));
    return { ...domain, uses: [...domain.uses, ...mdevs.map((uuid) => ({ uuid }))], functions };
  });
}
