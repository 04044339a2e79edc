import type { Usage } from '../policy/give.ts';
import { type Domain, functionOf } from './domain.ts';

/** What a domain uses of its host, for the policy. A domain without a name is none that owns anything. */
export function usageOf({ name = '', uuid, hostdevs }: Domain): Usage {
  return {
    domain: { name, uuid },
    mdevs: [...new Set(hostdevs.flatMap((hostdev) => hostdev.uuid ?? []))],
    functions: [...new Set(hostdevs.flatMap((hostdev) => functionOf(hostdev) ?? []))],
  };
}
