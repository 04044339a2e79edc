import { EventEmitter, once } from 'node:events';
import { MOST_OPERATIONS } from '../src/etcd/client.ts';
import { HOSTS as HOSTS_KEY, hostKeys, PREFIX } from '../src/reservations/keys.ts';
import { reserveAll } from '../src/reservations/reserve-all.ts';
import { readHost, readHosts } from '../src/reservations/view.ts';
import { type Cluster, etcdProgram, startCluster, untilDone } from '../test/fleet/etcd-cluster.ts';
import { Agents, connectionTo, Etcd, nameOf } from './fleet-agents.ts';
import { byTurns, exponent, inFolder } from './measure.ts';
import { gpuHost } from './memory-host.ts';
import { leftOut, type Row } from './table.ts';

/** `HOSTS=5000 npm run bench` for more. */
const HOSTS = Number(process.env['HOSTS'] ?? '1000');
const GPUS = 8;
const ROUNDS = 3;
/** Changes of one host, at each number of hosts. */
const CHANGES = 15;

/** What VMs have: for 1,000 hosts 10,000 vGPUs in 2,000 VMs, on 3,250 GPUs at least. */
const VM_KINDS = [
  { type: 'M60-8Q', count: 2 },
  { type: 'M60-4Q', count: 4 },
  { type: 'M60-2Q', count: 6 },
  { type: 'M60-1Q', count: 8 },
];
const VMS = HOSTS * 2;

/** 1,000 hosts with 8 GPUs each, whose agents are in this process, and a real etcd. */
export async function fleetOnEtcd(): Promise<readonly Row[]> {
  const program = etcdProgram();
  if (program === undefined) return [leftOut('a fleet on etcd', 'this machine has no etcd')];
  return inFolder(async (folder) => {
    const fleets: Fleet[] = [];
    try {
      for (const hosts of [10, Math.round(Math.sqrt(10 * HOSTS)), HOSTS]) {
        const cluster = await startCluster(program, `${folder}/${hosts}`, 1);
        const etcd = new Etcd(`http://127.0.0.1:${cluster.members[0]?.clientPort}`);
        const agents = new Agents(etcd.url, GPUS);
        fleets.push({ cluster, etcd, agents });
        await untilDone(() => etcd.client.read('/a'));
        await agents.start(hosts);
      }
      const [large] = fleets.slice(-1);
      if (large === undefined) return [];
      const changed = await changes(fleets);
      const sized = await sizes(large.etcd);
      for (const { agents } of fleets) await agents.leave();
      return [...sized, ...(await plans(large.etcd)), ...changed];
    } finally {
      for (const { cluster, etcd } of fleets) {
        etcd.client.close();
        await cluster[Symbol.asyncDispose]();
      }
    }
  });
}

/** Hosts that share an etcd. */
interface Fleet {
  readonly cluster: Cluster;
  readonly etcd: Etcd;
  readonly agents: Agents;
}

/** What a change of one host costs, until a planner that listens to all hosts has read that one again: in fleets of several sizes, by turns. */
async function changes(fleets: readonly Fleet[]): Promise<readonly Row[]> {
  const planners = await Promise.all(fleets.map((fleet) => ListeningPlanner.start(fleet)));
  const time = await byTurns(
    CHANGES,
    planners.map((planner, index) => [String(index), () => planner.changeOne()]),
  );
  const before = await Promise.all(fleets.map(({ etcd }) => etcd.traffic()));
  for (let turn = 0; turn < CHANGES; turn++) {
    for (const planner of planners) await planner.changeOne();
  }
  const after = await Promise.all(fleets.map(({ etcd }) => etcd.traffic()));
  for (const planner of planners) await planner.end();
  const costs = fleets.map(({ agents }, index) => ({
    hosts: agents.connections.length,
    time: time(String(index)),
    messages: ((after[index]?.messages ?? 0) - (before[index]?.messages ?? 0)) / CHANGES,
    bytes: ((after[index]?.bytes ?? 0) - (before[index]?.bytes ?? 0)) / CHANGES,
  }));
  const many = costs.at(-1);
  const [from, to] = [costs[0], many].map((cost) => cost?.hosts.toLocaleString('en-US'));
  const units = { time: 'ms', messages: 'messages', bytes: 'bytes' } as const;
  return (['time', 'messages', 'bytes'] as const).flatMap((name): Row[] => [
    {
      what: `a change of one host of ${to}, until a planner has it${name === 'time' ? '' : `: ${name}`}`,
      figure: many?.[name] ?? Number.NaN,
      unit: units[name],
    },
    {
      what: `growth of ${name} of a change of one host, ${from} to ${to} hosts`,
      figure: exponent(costs.map((cost) => [cost.hosts, cost[name]])),
      unit: 'exponent',
      aim: { of: 'figure', most: 0.1 },
    },
  ]);
}

/** Listens to all hosts, and reads one anew when it tells something. */
class ListeningPlanner {
  readonly #fleet: Fleet;
  readonly #ending = new AbortController();
  readonly #told = new EventEmitter();
  readonly #listening: Promise<void>;
  #turn = 0;

  private constructor(fleet: Fleet, from: number) {
    this.#fleet = fleet;
    this.#listening = this.#listen(from);
  }

  static async start(fleet: Fleet): Promise<ListeningPlanner> {
    const { revision } = await fleet.etcd.client.read(HOSTS_KEY);
    return new ListeningPlanner(fleet, revision + 1);
  }

  /** A device comes to the next host. */
  async changeOne(): Promise<void> {
    const { connections } = this.#fleet.agents;
    // One after the other, over all of the fleet.
    const number = (this.#turn++ * 7) % connections.length;
    const published = once(this.#told, hostKeys(nameOf(number)).inventory);
    await connections[number]?.create(DEVICE);
    await published;
    const { cards } = await readHost(this.#fleet.etcd.client, nameOf(number));
    if (cards?.[0]?.card.devices.length === 0) throw new Error('the change is not seen');
  }

  async end(): Promise<void> {
    this.#ending.abort();
    await this.#listening;
  }

  async #listen(from: number): Promise<void> {
    const { client } = this.#fleet.etcd;
    for await (const news of client.watch(HOSTS_KEY, from, this.#ending.signal)) {
      if ('events' in news) for (const { key } of news.events) this.#told.emit(key);
    }
  }
}

/** What the hosts' keys take of etcd: as they were written, and when what was replaced is gone. */
async function sizes(etcd: Etcd): Promise<readonly Row[]> {
  const written = await etcd.size();
  const { revision } = await etcd.client.read(HOSTS_KEY);
  await etcd.post('/v3/kv/compaction', { revision: String(revision), physical: true });
  await etcd.post('/v3/maintenance/defragment', {});
  const kept = await etcd.size();
  const of = `inventories of ${HOSTS.toLocaleString('en-US')} hosts`;
  const row = (what: string, bytes: number): Row => ({
    what,
    figure: bytes / 1e6,
    unit: 'MB',
    aim: { of: 'figure', most: 200 },
  });
  return [
    row(`etcd's database with ${of}, as written`, written.file),
    row(`etcd's database with ${of}, compacted`, kept.file),
  ];
}

/**
 * Room for 10,000 vGPUs: on one host with as many GPUs as all hosts together, which is read and asked, and on the fleet, which is read and
 * where all of it is reserved, VM by VM.
 */
async function plans(etcd: Etcd): Promise<readonly Row[]> {
  const vms = Array.from({ length: VMS }, (_, index) => ({
    domain: { name: `vm${index}` },
    devices: VM_KINDS.slice(index % VM_KINDS.length).slice(0, 1),
  }));
  const single = connectionTo(gpuHost(HOSTS * GPUS));
  const requests = vms.flatMap(({ domain, devices }) =>
    devices.map((device) => ({ ...device, group: domain.name })),
  );
  const time = await byTurns(ROUNDS, [
    ['one host', () => single.place(requests)],
    ['fleet', () => reserveAll(etcd.client, vms)],
    ['read', () => readHosts(etcd.client)],
    ['forget', () => forgetReservations(etcd)],
  ]);
  const vgpus = requests.reduce((sum, { count }) => sum + count, 0);
  const [all, own, hosts, gpus] = [vgpus, VMS, HOSTS, HOSTS * GPUS].map((count) =>
    count.toLocaleString('en-US'),
  );
  const alone = `place ${all} vGPUs of ${own} VMs on one host with ${gpus} GPUs`;
  return [
    { what: alone, figure: time('one host'), unit: 'ms' },
    {
      what: `reserve them on ${hosts} hosts with ${GPUS} GPUs each`,
      figure: time('fleet'),
      unit: 'ms',
      ratio: time('fleet') / time('one host'),
      to: 'on one host',
      aim: { of: 'ratio', most: 3 },
    },
    { what: `read ${hosts} hosts with them`, figure: time('read'), unit: 'ms' },
  ];
}

/** As if nothing had been reserved: a removal of each would be measured as well. */
async function forgetReservations(etcd: Etcd): Promise<void> {
  const folders = Array.from({ length: HOSTS }, (_, host) => hostKeys(nameOf(host)).desired);
  const all = [...folders, `${PREFIX}reservations/`, `${PREFIX}claims/`];
  for (let at = 0; at < all.length; at += MOST_OPERATIONS) {
    const success = all.slice(at, at + MOST_OPERATIONS).map((folder) => ({
      request_delete_range: {
        key: Buffer.from(folder).toString('base64'),
        range_end: Buffer.from(folder.replace(/\/$/u, '0')).toString('base64'),
      },
    }));
    await etcd.post('/v3/kv/txn', { success });
  }
}

const DEVICE = `<device><parent>pci_0000_00_00_0</parent><capability type='mdev'><type id='nvidia-11'/></capability></device>`;
