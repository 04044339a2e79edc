import type { Usage } from '../policy/give.ts';
import { attributeOf } from '../xml/element.ts';
import { type Domain, functionOf, pciFunctionOf } from './domain.ts';

/** What a domain uses of its host, for the policy. A domain without a name is none that owns anything. */
export function usageOf({ name = '', uuid, hostdevs }: Domain): Usage {
  const managed = hostdevs.filter(({ element }) => attributeOf(element, 'managed') === 'yes');
  return {
    domain: { name, uuid },
    mdevs: [...new Set(hostdevs.flatMap((hostdev) => hostdev.uuid ?? []))],
    functions: [...new Set(hostdevs.flatMap((hostdev) => functionOf(hostdev) ?? []))],
    rebinds: [...new Set(managed.flatMap(({ element }) => pciFunctionOf(element) ?? []))],
  };
}
