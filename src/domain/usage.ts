import type { Usage } from '../policy/give.ts';
import { rebindingOf } from '../policy/picture.ts';
import { attributeOf, childElements } from '../xml/element.ts';
import { type Domain, functionOf, pciFunctionOf } from './domain.ts';

/** What a domain uses of its host, for the policy. A domain without a name is none that owns anything. */
export function usageOf({ name = '', uuid, hostdevs }: Domain): Usage {
  return {
    domain: { name, uuid },
    mdevs: [...new Set(hostdevs.flatMap((hostdev) => hostdev.uuid ?? []))],
    functions: [...new Set(hostdevs.flatMap((hostdev) => functionOf(hostdev) ?? []))],
    rebinds: hostdevs.flatMap(({ element }) => {
      const address = pciFunctionOf(element);
      const [driver] = childElements(element, 'driver');
      const by = rebindingOf(
        attributeOf(element, 'managed'),
        driver && attributeOf(driver, 'model'),
      );
      return address === undefined || by === undefined ? [] : [{ address, by }];
    }),
    iommufd: hostdevs.flatMap(({ element, mdev, pci }) =>
      (mdev ?? pci)?.iommufd === true ? (pciFunctionOf(element) ?? []) : [],
    ),
  };
}
