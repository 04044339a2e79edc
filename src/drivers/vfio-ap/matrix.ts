import type { AttributeWrites, Card, DriverSetting } from '../driver.ts';
import { numberSetting, settingOf } from '../settings.ts';

/** Numbers of adapters or domains: `4-6,0x47`. */
const numbersText = {
  isValid: (value: string): boolean => numbersOf(value) !== undefined,
  expected: 'numbers from 0 to 255 and ranges of them: 4-6,0x47',
};

export const ADAPTERS: DriverSetting = { name: 'adapters', default: '0-255', text: numbersText };
export const DOMAINS: DriverSetting = { name: 'domains', default: '0-255', text: numbersText };
/** What the host's own drivers keep: bits that are 1 in /sys/bus/ap/apmask and aqmask. */
export const HOST_ADAPTERS: DriverSetting = {
  name: 'host-adapters',
  default: '',
  text: numbersText,
};
export const HOST_DOMAINS: DriverSetting = { name: 'host-domains', default: '', text: numbersText };
export const MAX_ADAPTER: DriverSetting = { name: 'max-adapter', default: '255' };
export const MAX_DOMAIN: DriverSetting = { name: 'max-domain', default: '255' };

export const matrixSettings: readonly DriverSetting[] = [
  ADAPTERS,
  DOMAINS,
  HOST_ADAPTERS,
  HOST_DOMAINS,
  MAX_ADAPTER,
  MAX_DOMAIN,
];

/** The adapters and domains of a device. Each pair of them is a queue that it has. */
export interface Matrix {
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
 * `guest_matrix` has the adapters and domains that the host has (vfio_ap_mdev_filter_matrix, with its repairs of 2024). An
 * adapter that lacks one of the host's queues would be left out whole; here each of the host's adapters has all its domains.
 */
export const matrixWrites: AttributeWrites = {
  state: ['matrix', 'control_domains'],
  answer(card, { name, words }, own, others) {
    const asked = assignmentOf(card, name, words);
    if (typeof asked === 'string') return { errno: asked };
    if (asked.what === 'control_domain') {
      const domains = controlDomainsOf(own['control_domains'] ?? '');
      return { files: { control_domains: formatDomains(changed(domains, asked)) } };
    }
    const before = parseMatrix(own['matrix'] ?? '');
    const after = assigned(before, asked);
    if (asked.isAssigned && !before[KEYS[asked.what]].has(asked.number)) {
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
    guest_matrix: formatMatrix(
      commonOf(parseMatrix(own['matrix'] ?? ''), queuesOf(card, ADAPTERS, DOMAINS)),
    ),
  }),
};

/** What a write asks for. */
export interface Assignment {
  readonly what: 'adapter' | 'domain' | 'control_domain';
  readonly number: number;
  readonly isAssigned: boolean;
}

const KEYS = { adapter: 'adapters', domain: 'domains' } as const;

/** What a write to `name` asks for, or the errno it fails with on every host of this size. */
export function assignmentOf(card: Card, name: string, words: string): Assignment | string {
  const [, un, what] = /^(un)?assign_(adapter|domain|control_domain)$/.exec(name) ?? [];
  if (what !== 'adapter' && what !== 'domain' && what !== 'control_domain') return 'EACCES';
  const number = kernelNumber(words);
  if (typeof number === 'string') return number;
  const most = numberSetting(card, what === 'adapter' ? MAX_ADAPTER : MAX_DOMAIN);
  return number > most ? 'ENODEV' : { what, number, isAssigned: un === undefined };
}

export function assigned(matrix: Matrix, asked: Assignment): Matrix {
  if (asked.what === 'control_domain') return matrix;
  const key = KEYS[asked.what];
  return { ...matrix, [key]: changed(matrix[key], asked) };
}

function refusalOf(card: Card, matrix: Matrix, others: readonly Matrix[]): string | undefined {
  if (haveCommonQueue(matrix, queuesOf(card, HOST_ADAPTERS, HOST_DOMAINS))) return 'EADDRNOTAVAIL';
  return others.some((other) => haveCommonQueue(matrix, other)) ? 'EADDRINUSE' : undefined;
}

const haveCommonQueue = (one: Matrix, other: Matrix): boolean => isMatrix(commonOf(one, other));

export const commonOf = (one: Matrix, other: Matrix): Matrix => ({
  adapters: new Set([...one.adapters].filter((adapter) => other.adapters.has(adapter))),
  domains: new Set([...one.domains].filter((domain) => other.domains.has(domain))),
});

/** Whether it has a queue. */
export const isMatrix = ({ adapters, domains }: Matrix): boolean =>
  adapters.size > 0 && domains.size > 0;

export const queuesOf = (card: Card, adapters: DriverSetting, domains: DriverSetting): Matrix => ({
  adapters: numbersOf(settingOf(card, adapters)) ?? new Set(),
  domains: numbersOf(settingOf(card, domains)) ?? new Set(),
});

function changed(
  numbers: ReadonlySet<number>,
  { isAssigned, number }: Assignment,
): ReadonlySet<number> {
  const rest = [...numbers].filter((other) => other !== number);
  return new Set(isAssigned ? [...rest, number] : rest);
}

/** A line for each queue, `05.0047`; with adapters or domains alone `05.` or `.0047`. */
export function formatMatrix({ adapters, domains }: Matrix): string {
  const cards = sorted(adapters).map((adapter) => hex(adapter, 2));
  const queues = sorted(domains).map((domain) => hex(domain, 4));
  const lines = (cards.length === 0 ? [''] : cards).flatMap((adapter) =>
    (queues.length === 0 ? [''] : queues).map((domain) => `${adapter}.${domain}\n`),
  );
  return cards.length + queues.length === 0 ? '' : lines.join('');
}

export function parseMatrix(text: string): Matrix {
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

export const sorted = (numbers: ReadonlySet<number>): readonly number[] =>
  [...numbers].toSorted((one, other) => one - other);

export const hex = (number: number, digits: number): string =>
  number.toString(16).padStart(digits, '0');

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
