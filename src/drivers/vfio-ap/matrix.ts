import type { AttributeWrites, Card, DriverSetting } from '../driver.ts';
import { numberSetting, settingOf } from '../settings.ts';

/** Numbers of adapters or domains: `4-6,0x47`. */
const numbersText = {
  isValid: (value: string): boolean => numbersOf(value) !== undefined,
  expected: 'numbers from 0 to 255 and ranges of them: 4-6,0x47',
};

const ADAPTERS: DriverSetting = { name: 'adapters', default: '0-255', text: numbersText };
const DOMAINS: DriverSetting = { name: 'domains', default: '0-255', text: numbersText };
/** What the host's own drivers keep: bits that are 1 in /sys/bus/ap/apmask and aqmask. */
const HOST_ADAPTERS: DriverSetting = { name: 'host-adapters', default: '', text: numbersText };
const HOST_DOMAINS: DriverSetting = { name: 'host-domains', default: '', text: numbersText };
const MAX_ADAPTER: DriverSetting = { name: 'max-adapter', default: '255' };
const MAX_DOMAIN: DriverSetting = { name: 'max-domain', default: '255' };

export const matrixSettings: readonly DriverSetting[] = [
  ADAPTERS,
  DOMAINS,
  HOST_ADAPTERS,
  HOST_DOMAINS,
  MAX_ADAPTER,
  MAX_DOMAIN,
];

/** The adapters and domains of a device. Each pair of them is a queue that it has. */
interface Matrix {
  readonly adapters: ReadonlySet<number>;
  readonly domains: ReadonlySet<number>;
}

/**
 * A matrix device's files as the kernel has them (drivers/s390/crypto/vfio_ap_ops.c of Linux 6.1; Documentation/arch/s390/vfio-ap.rst).
 * Adapters, domains and control domains are assigned and unassigned in any order.
 *
 * - EINVAL: the value is no number for kstrtoul (decimal, `0x` hexadecimal, `0` octal); ERANGE: it is too large for one;
 * - ENODEV: above the highest adapter or domain of the machine;
 * - assigned already, or unassigned what is not assigned: nothing happens, and it succeeds;
 * - EADDRNOTAVAIL: a queue that it would have is the host's, by both apmask and aqmask;
 * - EADDRINUSE: a queue that it would have is another device's.
 *
 * `guest_matrix` has the queues that exist on the host: an adapter without one of its domains is left out whole.
 */
export const matrixWrites: AttributeWrites = {
  state: ['matrix', 'control_domains'],
  answer(card, { name, words }, own, others) {
    const [, action, what] = /^(assign|unassign)_(adapter|domain|control_domain)$/.exec(name) ?? [];
    if (action === undefined || what === undefined) return { errno: 'EACCES' };
    const number = kernelNumber(words);
    if (typeof number === 'string') return { errno: number };
    const most = numberSetting(card, what === 'adapter' ? MAX_ADAPTER : MAX_DOMAIN);
    if (number > most) return { errno: 'ENODEV' };
    if (what === 'control_domain') {
      const domains = controlDomainsOf(own['control_domains'] ?? '');
      return { files: { control_domains: formatDomains(changed(domains, action, number)) } };
    }
    const before = parseMatrix(own['matrix'] ?? '');
    const key = what === 'adapter' ? 'adapters' : 'domains';
    const after = { ...before, [key]: changed(before[key], action, number) };
    if (action === 'assign' && !before[key].has(number)) {
      const errno = refusalOf(
        card,
        after,
        others.map((other) => parseMatrix(other['matrix'] ?? '')),
      );
      if (errno !== undefined) return { errno };
    }
    return { files: { matrix: formatMatrix(after) } };
  },
  derived: (card, own) => ({
    guest_matrix: formatMatrix(guestMatrix(card, parseMatrix(own['matrix'] ?? ''))),
  }),
};

function refusalOf(card: Card, matrix: Matrix, others: readonly Matrix[]): string | undefined {
  if (haveCommonQueue(matrix, queuesOf(card, HOST_ADAPTERS, HOST_DOMAINS))) return 'EADDRNOTAVAIL';
  return others.some((other) => haveCommonQueue(matrix, other)) ? 'EADDRINUSE' : undefined;
}

const haveCommonQueue = (one: Matrix, other: Matrix): boolean =>
  [...one.adapters].some((adapter) => other.adapters.has(adapter)) &&
  [...one.domains].some((domain) => other.domains.has(domain));

function guestMatrix(card: Card, { adapters, domains }: Matrix): Matrix {
  const host = queuesOf(card, ADAPTERS, DOMAINS);
  const usable = new Set([...domains].filter((domain) => host.domains.has(domain)));
  const isWhole = usable.size === domains.size;
  const there = [...adapters].filter((adapter) => isWhole && host.adapters.has(adapter));
  const hasQueues = there.length > 0 && usable.size > 0;
  return hasQueues
    ? { adapters: new Set(there), domains: usable }
    : { adapters: new Set(), domains: new Set() };
}

const queuesOf = (card: Card, adapters: DriverSetting, domains: DriverSetting): Matrix => ({
  adapters: numbersOf(settingOf(card, adapters)) ?? new Set(),
  domains: numbersOf(settingOf(card, domains)) ?? new Set(),
});

function changed(
  numbers: ReadonlySet<number>,
  action: string,
  number: number,
): ReadonlySet<number> {
  const rest = [...numbers].filter((other) => other !== number);
  return new Set(action === 'assign' ? [...rest, number] : rest);
}

/** A line for each queue, `05.0047`; with adapters or domains alone `05.` or `.0047`. */
function formatMatrix({ adapters, domains }: Matrix): string {
  const cards = sorted(adapters).map((adapter) => hex(adapter, 2));
  const queues = sorted(domains).map((domain) => hex(domain, 4));
  const lines = (cards.length === 0 ? [''] : cards).flatMap((adapter) =>
    (queues.length === 0 ? [''] : queues).map((domain) => `${adapter}.${domain}\n`),
  );
  return cards.length + queues.length === 0 ? '' : lines.join('');
}

function parseMatrix(text: string): Matrix {
  const pairs = text.split('\n').flatMap((line) => {
    const [adapter = '', domain = ''] = line.split('.');
    return line === '' ? [] : [{ adapter, domain }];
  });
  const of = (parts: readonly string[]): ReadonlySet<number> =>
    new Set(parts.filter((part) => part !== '').map((part) => Number.parseInt(part, 16)));
  return {
    adapters: of(pairs.map(({ adapter }) => adapter)),
    domains: of(pairs.map(({ domain }) => domain)),
  };
}

const formatDomains = (domains: ReadonlySet<number>): string =>
  sorted(domains)
    .map((domain) => `${hex(domain, 4)}\n`)
    .join('');

const controlDomainsOf = (text: string): ReadonlySet<number> =>
  new Set(text.split('\n').flatMap((line) => (line === '' ? [] : [Number.parseInt(line, 16)])));

const sorted = (numbers: ReadonlySet<number>): readonly number[] =>
  [...numbers].toSorted((one, other) => one - other);

const hex = (number: number, digits: number): string => number.toString(16).padStart(digits, '0');

/** kstrtoul with base 0 (lib/kstrtox.c): the number, or its errno. */
function kernelNumber(words: string): number | 'EINVAL' | 'ERANGE' {
  const [, hexadecimal, octal, decimal] =
    /^\+?(?:0x([0-9a-f]+)|0([0-7]*)|([1-9]\d*))\n?$/i.exec(words) ?? [];
  if (hexadecimal === undefined && octal === undefined && decimal === undefined) return 'EINVAL';
  const number =
    hexadecimal === undefined
      ? octal === undefined
        ? BigInt(decimal ?? '0')
        : BigInt(`0o${octal}0`) / 8n
      : BigInt(`0x${hexadecimal}`);
  return number >= 2n ** 64n ? 'ERANGE' : Number(number);
}

/** Undefined: no list of numbers. */
function numbersOf(text: string): ReadonlySet<number> | undefined {
  const numbers = new Set<number>();
  for (const part of text === '' ? [] : text.split(',')) {
    const [, first = '', last = first] =
      /^(0x[0-9a-f]{1,2}|\d{1,3})(?:-(0x[0-9a-f]{1,2}|\d{1,3}))?$/i.exec(part) ?? [];
    if (first === '' || Number(last) > 255 || Number(first) > Number(last)) return undefined;
    for (let number = Number(first); number <= Number(last); number += 1) numbers.add(number);
  }
  return numbers;
}
