import { type Domain, isSameDomain } from './domain.ts';

/** Who a domain is: by uuid where it is known, else by name. */
export type DomainIdentity = Pick<Domain, 'name' | 'uuid'>;

/** More names than these help nobody, and would make reports grow with the square of the documents. */
const MOST = 4;

/**
 * Which domains name a device, for the rules that hold a domain against others. Made once for all domains of a check,
 * so that the check's time grows with their number and not with its square.
 */
export class OtherDomains {
  /** By device, then by domain: copies of one domain's configuration count once. */
  readonly #naming = new Map<string, Map<string | object, DomainIdentity>>();

  constructor(domains: Iterable<DomainIdentity & Pick<Domain, 'hostdevs'>> = []) {
    for (const { name, uuid, hostdevs } of domains) {
      this.add({ name, uuid }, new Set(hostdevs.flatMap((hostdev) => hostdev.uuid ?? [])));
    }
  }

  /** @param devices uuids of the devices it names */
  add(domain: DomainIdentity, devices: Iterable<string>): void {
    const key = domain.uuid ?? domain.name ?? domain;
    for (const device of devices) {
      const known = this.#naming.get(device);
      if (known === undefined) this.#naming.set(device, new Map([[key, domain]]));
      else if (!known.has(key)) known.set(key, domain);
    }
  }

  /** Other domains than this one that name a device; at most four. Those given are told apart by identity too. */
  naming(device: string, domain: DomainIdentity): readonly DomainIdentity[] {
    const others: DomainIdentity[] = [];
    for (const other of this.#naming.get(device)?.values() ?? []) {
      if (other === domain || isSameDomain(other, domain)) continue;
      others.push(other);
      if (others.length === MOST) break;
    }
    return others;
  }
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
