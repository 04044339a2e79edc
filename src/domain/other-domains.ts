import type { Domain } from './domain.ts';
import { type DomainIdentity, isSameDomain } from '../policy/domain-ref.ts';

/** At most so many domains are reported. More would not help, and reports would grow with the square of the documents. */
const MOST = 4;

/**
 * The domains that name a device, for the rules that compare a domain with others. It is made once for all domains of a
 * check, so that the time of the check is linear in their number.
 */
export class OtherDomains {
  /** Domains by device. Several configurations of one domain count once. */
  readonly #naming = new Map<string, Map<string | object, DomainIdentity>>();

  readonly #byUuid = new Map<string, DomainIdentity[]>();

  constructor(domains: Iterable<DomainIdentity & Pick<Domain, 'hostdevs'>> = []) {
    for (const { name, uuid, hostdevs } of domains) {
      this.add({ name, uuid }, new Set(hostdevs.flatMap((hostdev) => hostdev.uuid ?? [])));
    }
  }

  /** @param devices uuids of the devices that the domain names */
  add(domain: DomainIdentity, devices: Iterable<string>): void {
    const { name, uuid } = domain;
    const key = name === undefined && uuid === undefined ? domain : `${uuid ?? ''}\n${name ?? ''}`;
    if (uuid !== undefined) {
      const known = this.#byUuid.get(uuid) ?? [];
      if (!known.some((other) => isSameConfiguration(other, domain))) known.push(domain);
      this.#byUuid.set(uuid, known);
    }
    for (const device of devices) {
      const known = this.#naming.get(device);
      if (known === undefined) this.#naming.set(device, new Map([[key, domain]]));
      else if (!known.has(key)) known.set(key, domain);
    }
  }

  /** The domains of the same uuid and another name; at most four. */
  copiesOf(domain: DomainIdentity): readonly DomainIdentity[] {
    const same = domain.uuid === undefined ? [] : (this.#byUuid.get(domain.uuid) ?? []);
    return same.filter((other) => !isSameConfiguration(other, domain)).slice(0, MOST);
  }

  /** The domains that name a device, without this one; at most four. */
  naming(device: string, domain: DomainIdentity): readonly DomainIdentity[] {
    const others: DomainIdentity[] = [];
    for (const other of this.#naming.get(device)?.values() ?? []) {
      if (other === domain || isSameConfiguration(other, domain)) continue;
      others.push(other);
      if (others.length === MOST) break;
    }
    return others;
  }
}

/** Two of one uuid with different names are a domain and its copy: libvirt takes the first only. */
function isSameConfiguration(one: DomainIdentity, other: DomainIdentity): boolean {
  const isRenamed = one.name !== undefined && other.name !== undefined && one.name !== other.name;
  return !isRenamed && isSameDomain(one, other);
}

/** `domain one`, `domains one and two`; of many, three and `others`. */
export function domainNames(domains: readonly DomainIdentity[]): string {
  const names = domains.map(({ name }) => name ?? '(unnamed)');
  const shown = names.length < MOST ? names : [...names.slice(0, MOST - 1), 'others'];
  const [last = '', ...before] = shown.toReversed();
  return before.length === 0
    ? `domain ${last}`
    : `domains ${before.toReversed().join(', ')} and ${last}`;
}
