import type { NamedValue } from '../../nodedev/device.ts';
import type { Card } from '../driver.ts';
import type { HostFacts } from '../host-facts.ts';
import { once } from '../once.ts';
import type { ResourceProblem, Taker } from '../resources.ts';
import { settingOf } from '../settings.ts';
import {
  ADAPTERS,
  assigned,
  assignmentOf,
  commonOf,
  DOMAINS,
  formatMatrix,
  hex,
  HOST_ADAPTERS,
  HOST_DOMAINS,
  isMatrix,
  type Matrix,
  MAX_ADAPTER,
  MAX_DOMAIN,
  parseMatrix,
  queuesOf,
  sorted,
} from './matrix.ts';

const AP_BUS = '/sys/bus/ap';

/**
 * The settings of a real host, from the AP bus (drivers/s390/crypto/ap_bus.c): the masks of what it has and what its own
 * drivers keep, and the highest numbers. A file that is not there, or says `not supported`, leaves the default.
 */
export function apSettings(host: HostFacts): Card['settings'] {
  const read = (name: string): string => host.read(`${AP_BUS}/${name}`)?.trim() ?? '';
  const masks = [
    [ADAPTERS, 'ap_adapter_mask'],
    [DOMAINS, 'ap_usage_domain_mask'],
    [HOST_ADAPTERS, 'apmask'],
    [HOST_DOMAINS, 'aqmask'],
  ] as const;
  const highest = [
    [MAX_ADAPTER, 'ap_max_adapter_id'],
    [MAX_DOMAIN, 'ap_max_domain_id'],
  ] as const;
  const known: readonly (readonly [string, string])[] = [
    ...masks.flatMap(([{ name }, file]) => {
      const numbers = maskNumbers(read(file));
      return numbers === undefined ? [] : [[name, numbers.join(',')] as const];
    }),
    ...highest.flatMap(([{ name }, file]) => {
      const text = read(file);
      return /^[1-9]\d{0,2}$/.test(text) ? [[name, text] as const] : [];
    }),
  ];
  return Object.fromEntries(known);
}

/** The bits of a mask of 256, from left to right; a shorter one is filled with zeros. Undefined: it is none. */
function maskNumbers(text: string): readonly number[] | undefined {
  const [, digits] = /^0x([0-9a-f]{1,64})$/i.exec(text) ?? [];
  return digits === undefined
    ? undefined
    : digits
        .split('')
        .flatMap((digit, index) =>
          [8, 4, 2, 1].flatMap((bit, place) =>
            (Number.parseInt(digit, 16) & bit) === 0 ? [] : [index * 4 + place],
          ),
        );
}

/**
 * What is wrong with the queues that a device takes, write by write as the kernel would see them. A queue belongs to one
 * device; those that both masks keep belong to the host; what the machine does not have is accepted
 * (Documentation/arch/s390/vfio-ap.rst: over-provisioning), but no guest gets it.
 */
export function queueProblems(
  card: Card,
  device: Taker,
  others: readonly Taker[],
): readonly ResourceProblem[] {
  const kept = queuesOf(card, HOST_ADAPTERS, HOST_DOMAINS);
  const theirs = others.map((other) => [other.uuid, matrixOf(other)] as const);
  const refused: ResourceProblem[] = [];
  const met = new Map<string | undefined, Meeting>();
  let matrix = startOf(device);
  for (const write of device.writes) {
    const after = written(card, matrix, write);
    if (typeof after === 'string') refused.push(refusal(card, write, after));
    else matrix = after;
    if (typeof after === 'string' || write.name.startsWith('un')) continue;
    for (const [by, other] of [[undefined, kept] as const, ...theirs]) {
      const common = commonOf(matrix, other);
      if (isMatrix(common)) met.set(by, { common, write: met.get(by)?.write ?? write });
    }
  }
  return [
    ...refused,
    ...[...met].map(([by, meeting]) =>
      by === undefined ? keptProblem(meeting) : takenProblem(by, meeting),
    ),
    ...absentProblems(card, matrix),
  ];
}

/** Queues that are somebody else's, and the first write that took one. */
interface Meeting {
  readonly common: Matrix;
  readonly write: NamedValue;
}

const startOf = ({ files = {} }: Taker): Matrix => parseMatrix(files['matrix'] ?? '');

const ANY_MACHINE: Card = { parents: [], types: [], devices: [], settings: {} };

/** What a device has after its writes. Asked again for each device that it is compared with. */
const matrixOf = once((taker: Taker): Matrix => {
  let matrix = startOf(taker);
  for (const write of taker.writes) {
    const after = written(ANY_MACHINE, matrix, write);
    if (typeof after !== 'string') matrix = after;
  }
  return matrix;
});

/** The matrix after a write that only its own number can fail; then its errno. An attribute of another kind changes nothing. */
function written(card: Card, before: Matrix, { name, value }: NamedValue): Matrix | string {
  if (name === 'ap_config') return configured(value);
  if (!/^(un)?assign_/.test(name)) return before;
  const asked = assignmentOf(card, name, value);
  return typeof asked === 'string' ? asked : assigned(before, asked);
}

/** `ap_config` of Linux 6.10 replaces all at once: masks of adapters, domains and control domains. */
function configured(value: string): Matrix | string {
  const [adapters, domains, control] = value.trim().split(',').map(maskNumbers);
  if (adapters === undefined || domains === undefined || control === undefined) return 'EINVAL';
  return { adapters: new Set(adapters), domains: new Set(domains) };
}

function refusal(card: Card, write: NamedValue, errno: string): ResourceProblem {
  const { name, value } = write;
  if (errno !== 'ENODEV') {
    const next =
      name === 'ap_config'
        ? 'it takes three masks: 0xADAPTERS,0xDOMAINS,0xCONTROL'
        : 'adapters and domains are decimal or hexadecimal: 5, 0x05';
    return { kind: 'refused', errno, write, says: `${name} '${value.trim()}' is no number`, next };
  }
  const isAdapter = name.endsWith('_adapter');
  const highest = settingOf(card, isAdapter ? MAX_ADAPTER : MAX_DOMAIN);
  const what = isAdapter ? 'adapter' : 'domain';
  return {
    kind: 'refused',
    errno,
    write,
    says: `${name} '${value.trim()}' is above the highest ${what} of this machine, ${highest}`,
    next: `\`cat ${AP_BUS}/ap_max_${what}_id\` shows the highest ${what}; \`lszcrypt -V\` lists what there is`,
  };
}

function keptProblem({ common, write }: Meeting): ResourceProblem {
  const adapters = maskBits(common.adapters);
  const domains = maskBits(common.domains);
  const one = common.adapters.size * common.domains.size === 1;
  return {
    kind: 'kept',
    errno: 'EADDRNOTAVAIL',
    write,
    says: `${queueNames(common)} ${one ? 'is' : 'are'} the host's own, by apmask and aqmask`,
    next: `\`chzdev -t ap apmask=${adapters} aqmask=${domains}\` gives ${one ? 'it' : 'them'} to vfio_ap; until the next boot only: \`echo ${adapters} > ${AP_BUS}/apmask; echo ${domains} > ${AP_BUS}/aqmask\``,
  };
}

const maskBits = (numbers: ReadonlySet<number>): string =>
  sorted(numbers)
    .map((number) => `-0x${hex(number, 2)}`)
    .join(',');

const takenProblem = (by: string, { common, write }: Meeting): ResourceProblem => ({
  kind: 'taken',
  by,
  errno: 'EADDRINUSE',
  write,
  says: queueNames(common),
  next: 'take another adapter or domain for one of them: a queue belongs to one device',
});

function absentProblems(card: Card, matrix: Matrix): readonly ResourceProblem[] {
  const host = queuesOf(card, ADAPTERS, DOMAINS);
  return (['adapters', 'domains'] as const).flatMap((kind): readonly ResourceProblem[] => {
    const absent = new Set([...matrix[kind]].filter((number) => !host[kind].has(number)));
    if (absent.size === 0) return [];
    const digits = kind === 'adapters' ? 2 : 4;
    const names = listOf(sorted(absent).map((number) => hex(number, digits)));
    const noun = kind === 'adapters' ? 'adapter' : 'domain';
    return [
      {
        kind: 'absent',
        says: `this host does not have ${absent.size === 1 ? noun : kind} ${names}: a guest gets none of ${absent.size === 1 ? 'its' : 'their'} queues`,
        next: `\`lszcrypt -V\` lists what there is; more is given to the partition at the HMC`,
      },
    ];
  });
}

function queueNames({ adapters, domains }: Matrix): string {
  const count = adapters.size * domains.size;
  const first = { adapters: new Set(sorted(adapters).slice(0, LISTED)), domains };
  const names = formatMatrix(first).trimEnd().split('\n');
  return `${count === 1 ? 'queue' : 'queues'} ${listOf(names, count)}`;
}

/** So many names are in a sentence. */
const LISTED = 4;

function listOf(names: readonly string[], count = names.length): string {
  const rest = count - Math.min(LISTED, names.length);
  return `${names.slice(0, LISTED).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
