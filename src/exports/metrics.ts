import { Gauge, Registry } from 'prom-client';
import type { RecoveryState } from '../engine/results.ts';
import type { Issue } from '../errors.ts';
import type { Topology, TopologyCard } from '../plan/topology.ts';
import { printable } from '../terminal-text.ts';

/** What is measured of a host at one time. */
export interface Measured {
  readonly topology: Topology;
  /** What `doctor` found. */
  readonly findings: readonly Issue[];
  /** How many devices `gc` would destroy. */
  readonly orphaned: number;
  readonly recovery: RecoveryState;
  /** The version of this package. */
  readonly version: string;
}

/** A gauge, with its values; those of one have the same labels. */
export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly values: readonly { readonly labels: Labels; readonly value: number }[];
}

type Labels = Readonly<Record<string, string>>;

/** A host's state. All metrics are called `virt_nodedev_…`, with base units and the names of `list`, `types` and `doctor` as labels. */
export const metricsOf = (measured: Measured): readonly MetricFamily[] =>
  familiesOf(measured).map(named);

/** As {@link metricsOf}, of many hosts: each value has its `host` as a label. Of a host that is unknown there is nothing else but that. */
export function metricsOfHosts(
  hosts: readonly { readonly host: string; readonly measured: Measured | undefined }[],
): readonly MetricFamily[] {
  const families = new Map<string, Family>();
  for (const { host, measured } of hosts) {
    for (const { name, help, values } of measured === undefined ? [] : familiesOf(measured)) {
      const own = values.map(([labels, value]) => [{ host, ...labels }, value] as const);
      families.set(name, { name, help, values: [...(families.get(name)?.values ?? []), ...own] });
    }
  }
  const reached: Family = {
    name: 'host_reached',
    help: '1 where the host answered, 0 where it is unknown and has no other metrics',
    values: hosts.map(({ host, measured }) => [{ host }, measured === undefined ? 0 : 1]),
  };
  return [reached, ...families.values()].map(named);
}

const named = ({ name, help, values }: Family): MetricFamily => ({
  name: `virt_nodedev_${name}`,
  help,
  values: values.map(([labels, value]) => ({ labels, value })),
});

/** As Prometheus text (exposition format 0.0.4). */
export function exposition(families: readonly MetricFamily[]): Promise<string> {
  const registry = new Registry();
  for (const { name, help, values } of families) {
    const labelNames = Object.keys(values[0]?.labels ?? {});
    const gauge = new Gauge({ name, help, labelNames, registers: [registry] });
    // Without labels, the library begins with a 0 of its own.
    if (values.length === 0 && labelNames.length === 0) gauge.remove();
    for (const { labels, value } of values) gauge.set(visible(labels), value);
  }
  return registry.metrics();
}

interface Family {
  readonly name: string;
  readonly help: string;
  readonly values: readonly (readonly [Labels, number])[];
}

function familiesOf(measured: Measured): readonly Family[] {
  const { topology, findings, orphaned, recovery, version } = measured;
  const { cards, absent } = topology;
  const devices = [...cards.flatMap((card) => card.devices), ...absent];
  // As `card` has it, so that both can be joined. Of a parent that is gone only the sysfs name is known.
  const parentNames = new Map(
    cards.flatMap(({ parents }) => parents.map(({ address, name }) => [address, name] as const)),
  );
  const types = cards.flatMap((card) =>
    card.types.map((type) => ({ labels: { card: cardName(card), type: type.id }, type })),
  );
  return [
    { name: 'info', help: 'Always 1', values: [[{ version, uri: topology.uri }, 1]] },
    {
      name: 'devices',
      help: 'Devices, active or only defined',
      values: counted(
        devices.map(({ parent, type = '', active }) => ({
          parent: parentNames.get(parent) ?? parent,
          type,
          state: active ? 'active' : 'inactive',
        })),
      ),
    },
    {
      name: 'free_devices',
      help: 'How many more devices of a type a card takes, when none of another type is added',
      values: types.map(({ labels, type }) => [labels, type.free]),
    },
    {
      name: 'free_devices_exact',
      help: '1 where free_devices is exact, 0 where there may be fewer',
      values: types.map(({ labels, type }) => [labels, type.confidence === 'exact' ? 1 : 0]),
    },
    {
      name: 'capacity_devices',
      help: 'How many devices of a type an empty card takes, where its rules are known',
      values: types.flatMap(({ labels, type }) =>
        type.maximum === undefined ? [] : [[labels, type.maximum] as const],
      ),
    },
    {
      name: 'card_used_ratio',
      help: 'The part of a card that its active devices take, where its rules are known',
      values: cards.flatMap((card) =>
        card.load === undefined
          ? []
          : [[{ card: cardName(card), product: card.product ?? '' }, card.load] as const],
      ),
    },
    {
      name: 'owned_devices',
      help: 'Devices of a domain',
      values: counted(devices.flatMap(({ owner }) => (owner ? [{ domain: owner.name }] : []))),
    },
    {
      name: 'orphaned_devices',
      help: 'Devices that gc would destroy',
      values: [[{}, orphaned]],
    },
    {
      name: 'unstartable_definitions',
      help: 'Definitions that cannot be started',
      values: [[{}, findings.filter(({ code }) => UNSTARTABLE.has(code)).length]],
    },
    {
      name: 'findings',
      help: 'What doctor reports',
      values: counted(findings.map(({ code, severity }) => ({ code, severity }))),
    },
    {
      name: 'unreadable',
      help: 'What could not be read, and is missing in the other metrics',
      values: [[{}, topology.problems.length]],
    },
    {
      name: 'recovery_pending_operations',
      help: 'Operations that are running, or were interrupted and wait for recovery',
      values: [[{}, recovery.pending]],
    },
    {
      name: 'recovery_left_operations',
      help: 'Interrupted operations that recovery had to leave',
      values: [[{}, recovery.left]],
    },
    {
      name: 'last_recovery_timestamp_seconds',
      help: 'When interrupted operations were last recovered in this boot',
      values: recovery.last === undefined ? [] : [[{}, recovery.last.time / 1000]],
    },
  ];
}

/** What doctor says of definitions that cannot be started. */
const UNSTARTABLE: ReadonlySet<string> = new Set([
  'doctor-definition-function',
  'doctor-definition-parent',
  'doctor-definition-type',
  'doctor-definition-unreadable',
]);

/** A card is called by its first parent. */
const cardName = ({ parents }: TopologyCard): string => parents[0]?.name ?? '';

function counted(all: readonly Labels[]): Family['values'] {
  const counts = new Map<string, [Labels, number]>();
  for (const labels of all) {
    const key = JSON.stringify(labels);
    const entry = counts.get(key);
    if (entry === undefined) counts.set(key, [labels, 1]);
    else entry[1] += 1;
  }
  return [...counts.values()];
}

/** Names come from files of other programs, and the text goes to terminals, too. */
const visible = (labels: Labels): Labels =>
  Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, printable(value)]));
