import { contextOf } from '../src/engine/open.ts';
import { createManager } from '../src/engine/manager.ts';
import { EtcdClient } from '../src/etcd/client.ts';
import type { SimulatedHost } from '../src/host/simulated/host.ts';
import { type Connection, withPlanning } from '../src/plan/connection.ts';
import { runAgent } from '../src/reservations/agent.ts';
import { gpuHost } from './memory-host.ts';

/** Seconds. An agent's own calls, which go on while nothing happens, must not be counted with a change. */
const QUIET = 7200;

/** An etcd that is asked for its own figures, too. */
export class Etcd {
  readonly url: string;
  readonly client: EtcdClient;

  constructor(url: string) {
    this.url = url;
    this.client = new EtcdClient({ endpoints: [url] });
  }

  async post(path: string, body: object): Promise<unknown> {
    const answer = await fetch(`${this.url}${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
    return answer.json();
  }

  /** Bytes of its database: the file, and what of it is in use. */
  async size(): Promise<{ readonly file: number; readonly used: number }> {
    const status = await this.post('/v3/maintenance/status', {});
    const [file, used] = ['dbSize', 'dbSizeInUse'].map((name) =>
      Number(Object.entries(status ?? {}).find(([key]) => key === name)?.[1]),
    );
    return { file: file ?? Number.NaN, used: used ?? Number.NaN };
  }

  /** What all clients together have sent and been sent. The gateway's messages are gRPC's. */
  async traffic(): Promise<{ readonly messages: number; readonly bytes: number }> {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    const sum = (name: RegExp): number =>
      text
        .split('\n')
        .filter((line) => name.test(line))
        .reduce((total, line) => total + Number(line.split(' ').at(-1)), 0);
    return {
      messages: sum(/^grpc_server_msg_(?:received|sent)_total/u),
      bytes: sum(/^etcd_network_client_grpc_(?:received|sent)_bytes_total/u),
    };
  }
}

/** Agents with a simulated host each, in this process. */
export class Agents {
  readonly #url: string;
  readonly #gpus: number;
  readonly #running: {
    readonly agent: Promise<void>;
    readonly client: EtcdClient;
    readonly ending: AbortController;
  }[] = [];
  readonly connections: Connection[] = [];

  constructor(url: string, gpus: number) {
    this.#url = url;
    this.#gpus = gpus;
  }

  /** Starts more, until there are so many and all can be seen. */
  async start(hosts: number): Promise<void> {
    while (this.connections.length < hosts) {
      const more = Math.min(10, hosts - this.connections.length);
      await Promise.all(Array.from({ length: more }, () => this.#startOne()));
    }
  }

  /** Ends them as a kill does: they live on in etcd. Real ones would work on machines of their own while somebody plans. */
  async leave(): Promise<void> {
    for (const { client, ending } of this.#running) {
      ending.abort();
      client.close();
    }
    await Promise.all(this.#running.map(({ agent }) => agent));
  }

  #startOne(): Promise<void> {
    const name = nameOf(this.connections.length);
    const client = new EtcdClient({ endpoints: [this.#url] });
    const connection = connectionTo(gpuHost(this.#gpus));
    const ending = new AbortController();
    this.connections.push(connection);
    return new Promise((onReady, reject) => {
      const agent = runAgent(client, connection, {
        name,
        signal: ending.signal,
        ttl: QUIET,
        poll: QUIET,
        report: (problem) => {
          if (problem !== undefined) process.stderr.write(`${name}: ${problem.message}\n`);
        },
        onReady,
      });
      agent.catch(reject);
      this.#running.push({ agent, client, ending });
    });
  }
}

export const nameOf = (host: number): string => `gpu${host}`;

/** To a host in memory. */
export const connectionTo = (host: SimulatedHost): Connection =>
  withPlanning(createManager('test:///default', contextOf(host), host));
