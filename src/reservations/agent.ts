import { setTimeout as sleep } from 'node:timers/promises';
import { v4 as randomUuid } from 'uuid';
import * as v from 'valibot';
import { checkArguments, type ShapesOf } from '../arguments.ts';
import { type Compare, EtcdClient } from '../etcd/client.ts';
import { type Issue, NodedevError } from '../errors.ts';
import type { Connection } from '../plan/connection.ts';
import { doOnHost, madeOf } from './host-work.ts';
import type { HostInventory } from '../plan/inventory.ts';
import { checkLabel, groupOf, hostKeys, isGroupOfAgents } from './keys.ts';
import { replaced, strayGroup } from './messages.ts';
import type { HostLabels, Report, ReportedProblem, Reservation } from './records.ts';
import { remove } from './reserve.ts';
import { type HostView, readHost } from './view.ts';

export interface AgentOptions {
  /** The host's name in etcd. */
  readonly name: string;
  /** Words by which planners may choose it, beside its name. Default: none. */
  readonly labels?: readonly string[] | undefined;
  /** Ends the agent when it has done what it is doing. */
  readonly signal: AbortSignal;
  /** Told once for each thing that is in the way, and when that is over: `undefined`. */
  readonly report: (problem: Issue | undefined) => void;
  /** Called when planners can see the host. */
  readonly onReady?: (() => void) | undefined;
  /** Seconds after which an agent that is not heard of is taken for dead; default 15. */
  readonly ttl?: number | undefined;
  /** Seconds between looks at the host and at etcd, beside the events of both; default 30. */
  readonly poll?: number | undefined;
}

const ARGUMENTS = [
  v.instance(EtcdClient),
  v.looseObject({ inventory: v.function(), events: v.function() }),
  v.strictObject({
    name: v.string(),
    labels: v.optional(v.array(v.string())),
    signal: v.instance(AbortSignal),
    report: v.function(),
    onReady: v.optional(v.function()),
    ttl: v.optional(v.pipe(v.number(), v.minValue(1))),
    poll: v.optional(v.pipe(v.number(), v.minValue(1))),
  } satisfies ShapesOf<AgentOptions>),
];

/** Seconds until what failed is tried again. */
const PAUSE = 1;

/**
 * Serves a host until the signal: publishes its inventory, keeps a lease that tells that it lives, makes the devices that are
 * wanted of this host, destroys those that are released, and reports. It looks at the whole of what is wanted each time, so
 * that it does not matter what it missed while it was away. While etcd does not answer, nothing on the host changes.
 *
 * @throws NodedevError `agent-replaced` when another agent began with this name; `request-invalid`
 */
export async function runAgent(
  client: EtcdClient,
  connection: Connection,
  options: AgentOptions,
): Promise<void> {
  checkArguments('runAgent', ARGUMENTS, [client, connection, options]);
  const agent = new Agent(client, connection, options);
  await agent.run();
}

class Agent {
  readonly #client: EtcdClient;
  readonly #connection: Connection;
  readonly #options: AgentOptions;
  readonly #keys: ReturnType<typeof hostKeys>;
  readonly #session = randomUuid();
  readonly #ttl: number;
  readonly #ending = new AbortController();
  #lease: string | undefined;
  /** What each part told last. */
  readonly #told = new Map<string, string | undefined>();
  #isReady = false;
  /** Something happened since the last look. */
  #isRung = true;
  #wake: () => void = () => undefined;

  constructor(client: EtcdClient, connection: Connection, options: AgentOptions) {
    this.#client = client;
    this.#connection = connection;
    this.#options = options;
    this.#keys = hostKeys(options.name);
    for (const label of options.labels ?? []) checkLabel(label);
    this.#ttl = options.ttl ?? 15;
  }

  async run(): Promise<void> {
    const { signal, poll = 30 } = this.#options;
    const stop = (): void => {
      this.#ending.abort();
      this.#ring();
    };
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
    try {
      if (!(await this.#begin())) return;
      const look = async (): Promise<void> => {
        await this.#look();
        await this.#rest(poll);
      };
      const parts = [
        this.#again('keep', this.#ttl / 3, () => this.#keep()),
        this.#again('follow', 0, () => this.#follow()),
        this.#again('hear', 0, () => this.#hear()),
        this.#again('look', 0, look),
      ].map((part) => part.finally(stop));
      // Each ends what it is doing before the first failure is thrown.
      await Promise.allSettled(parts);
      await Promise.all(parts);
    } finally {
      signal.removeEventListener('abort', stop);
      // The host is not free because its agent has ended: its devices and reservations stay.
      if (this.#lease !== undefined) await this.#client.revoke(this.#lease).catch(() => undefined);
    }
  }

  /**
   * Takes the host over: from now on no other agent writes for it. What was sent before and comes late, from an agent that has
   * ended meanwhile, finds another session than it read, and changes nothing.
   */
  async #begin(): Promise<boolean> {
    let isBegun = false;
    await this.#again('begin', PAUSE, async () => {
      const { session: key } = this.#keys;
      const [before] = (await this.#client.read(key)).items;
      const than = before?.modRevision ?? 0;
      isBegun =
        before?.value === this.#session ||
        (await this.#live([{ key, target: 'modRevision', is: 'EQUAL', than }]));
      return isBegun;
    });
    return isBegun;
  }

  /** @returns whether the conditions held */
  async #live(compare: readonly Compare[]): Promise<boolean> {
    this.#lease = await this.#client.grant(this.#ttl);
    const done = await this.#client.transact({
      compare,
      put: [
        { key: this.#keys.session, value: this.#session },
        { key: this.#keys.alive, value: '', lease: this.#lease },
      ],
    });
    return done !== undefined;
  }

  async #keep(): Promise<void> {
    if (this.#lease !== undefined && (await this.#client.keepAlive(this.#lease))) return;
    await this.#revive();
  }

  async #revive(): Promise<void> {
    if (!(await this.#live([this.#isOurs]))) throw replaced(this.#options.name);
  }

  /** Hears of what is written for this host, and wakes. */
  async #follow(): Promise<void> {
    const { revision } = await this.#client.read(this.#keys.session);
    // What was written before this revision is not told.
    this.#ring();
    const watch = this.#client.watch(this.#keys.all, revision + 1, this.#ending.signal);
    for await (const news of watch) {
      // It then reads all of it, and listens from there.
      if ('compacted' in news) return;
      const { session, desired } = this.#keys;
      const isForUs = news.events.some(({ key }) => key === session || key.startsWith(desired));
      if (isForUs) this.#ring();
    }
  }

  /** Hears of what happens on the host, and wakes. */
  async #hear(): Promise<void> {
    const events = await this.#connection.events({ signal: this.#ending.signal });
    for await (const _ of events) this.#ring();
  }

  /** One look at what is wanted and what is there, and what follows from it. */
  async #look(): Promise<void> {
    const view = await readHost(this.#client, this.#options.name);
    this.#requireOurs(view);
    // It may hang on the lease of an attempt before.
    if (!view.isAlive) await this.#revive();
    const problems: ReportedProblem[] = view.problems.map(({ code, message, hint }) => {
      return { domain: '', code, message, hint };
    });
    let inventory = await this.#connection.inventory();
    for (const reservation of view.reservations) {
      if (this.#ending.signal.aborted) return;
      const problem = await doOnHost(this.#connection, reservation, inventory);
      if (problem !== undefined) problems.push(problem);
    }
    inventory = await this.#connection.inventory();
    problems.push(...strays(inventory, view.reservations));
    await this.#publish(view, JSON.stringify(inventory), problems);
    for (const reservation of view.reservations) {
      const isDone = madeOf(reservation, inventory).length === 0;
      if (reservation.state !== 'released' || !isDone) continue;
      await remove(this.#client, view.name, reservation, [this.#isOurs]);
    }
    if (!this.#isReady) this.#options.onReady?.();
    this.#isReady = true;
  }

  async #publish(
    view: HostView,
    inventory: string,
    problems: readonly ReportedProblem[],
  ): Promise<void> {
    const value: Report = { version: 1, session: this.#session, problems };
    const report = JSON.stringify(value);
    const ownLabels: HostLabels = { version: 1, labels: this.#options.labels ?? [] };
    const labels = JSON.stringify(ownLabels);
    const put = [
      { key: this.#keys.labels, value: labels, before: view.labelsText },
      { key: this.#keys.inventory, value: inventory, before: view.inventory },
      { key: this.#keys.report, value: report, before: JSON.stringify(view.report) },
    ].filter((each) => each.value !== each.before);
    if (put.length === 0) return;
    const done = await this.#client.transact({ compare: [this.#isOurs], put });
    if (done === undefined) throw replaced(view.name);
  }

  get #isOurs(): Compare {
    return { key: this.#keys.session, target: 'value', is: 'EQUAL', than: this.#session };
  }

  #requireOurs({ name, session }: HostView): void {
    if (session !== this.#session) throw replaced(name);
  }

  /** Does it again and again until the end, or until it returns true; what fails is told once, and tried again. */
  async #again(part: string, seconds: number, work: () => Promise<boolean | void>): Promise<void> {
    while (!this.#ending.signal.aborted) {
      let pause = seconds;
      try {
        if ((await work()) === true) return;
        this.#tell(part, undefined);
      } catch (error) {
        if (!(error instanceof NodedevError) || error.code === 'agent-replaced') throw error;
        if (!this.#options.signal.aborted) this.#tell(part, error);
        pause = PAUSE;
      }
      const { signal } = this.#ending;
      await sleep(pause * 1000, undefined, { signal }).catch(() => undefined);
    }
  }

  #tell(part: string, problem: Issue | undefined): void {
    if (problem?.message === this.#told.get(part)) return;
    this.#told.set(part, problem?.message);
    this.#options.report(problem);
  }

  #ring(): void {
    this.#isRung = true;
    this.#wake();
  }

  /** Waits until something happens, so long at most. */
  async #rest(seconds: number): Promise<void> {
    if (!this.#isRung) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, seconds * 1000);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#isRung = false;
  }
}

/** Groups of agents for which there is no reservation: what etcd does not tell to destroy, stays. */
function strays(
  { topology }: HostInventory,
  reservations: readonly Reservation[],
): readonly ReportedProblem[] {
  const known = new Set(reservations.map(({ domain }) => groupOf(domain)));
  return topology.groups
    .filter(({ name }) => isGroupOfAgents(name) && !known.has(name))
    .map(({ name }) => strayGroup(name));
}
