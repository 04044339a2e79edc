import type { ErrorCode, Issue } from '../../errors.ts';
import { mayGive } from '../../policy/give.ts';
import type { HostPicture } from '../../policy/picture.ts';
import type { LibvirtDomains } from '../ownership/libvirt-domains.ts';
import { finding } from './findings.ts';

/** What other findings say, or what ends by itself. */
const SAID: ReadonlySet<ErrorCode> = new Set([
  'device-unusable', // of the device, for all domains
  'group-member',
  'in-use',
]);

/** What keeps domains from starting, now or after the next boot. Asked while the store can be read. */
export function domainsThatCannotStart(
  picture: HostPicture,
  { domains }: LibvirtDomains,
): readonly Issue[] {
  return domains
    .filter(({ state }) => state === 'defined')
    .flatMap(({ name, uuid, file, mdevs, functions, rebinds, iommufd }) =>
      mayGive(picture, { domain: { name, uuid }, mdevs, functions, rebinds, iommufd })
        .reasons.filter(({ severity, code, about = '' }) => {
          if (functions.includes(about) || code === 'function-rebound') return severity === 'error';
          const isNowhere = code === 'device-inactive' && picture.defined(about).length === 0;
          return severity === 'error' && !SAID.has(code) && !isNowhere;
        })
        .map(({ message, hint }) =>
          finding('doctor-domain-cannot-start', `${file}: domain '${name}': ${message}`, { hint }),
        ),
    );
}
