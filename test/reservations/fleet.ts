import { onTestFinished } from 'vitest';
import { EtcdClient } from '../../src/etcd/client.ts';
import type { Issue } from '../../src/errors.ts';
import { connect } from '../../src/remote/connect.ts';
import type { Connection } from '../../src/plan/connection.ts';
import { runAgent } from '../../src/reservations/agent.ts';
import { Planner } from '../../src/reservations/planner.ts';
import { EtcdDouble } from '../support/etcd-double.ts';

/** A host with its agent. */
export interface Served {
  readonly host: Connection;
  readonly told: readonly (Issue | undefined)[];
  /** As SIGTERM: resolves when it has ended; rejects with why it ended by itself. */
  readonly stop: () => Promise<void>;
  readonly ended: Promise<void>;
}

export interface Fleet {
  readonly etcd: EtcdDouble;
  readonly client: EtcdClient;
  readonly planner: Planner;
  /** Starts an agent, and waits until planners can see its host. */
  readonly serve: (name: string, host?: string | Connection) => Promise<Served>;
}

/** etcd in memory, and hosts in memory with an agent each, until the test ends. */
export async function fleet({ ttl = 3 } = {}): Promise<Fleet> {
  const etcd = await EtcdDouble.start();
  const clients: EtcdClient[] = [];
  const open = () => {
    const client = new EtcdClient({ endpoints: [etcd.url], timeout: 2000 });
    clients.push(client);
    return client;
  };
  const client = open();
  const served: Served[] = [];
  onTestFinished(async () => {
    await Promise.allSettled(served.map(({ stop }) => stop()));
    for (const each of clients) each.close();
    await etcd[Symbol.asyncDispose]();
  });
  return {
    etcd,
    client,
    planner: new Planner(client),
    async serve(name, on = 'test:///nvidia-m60') {
      const host = typeof on === 'string' ? await connect(on) : on;
      const ending = new AbortController();
      const told: (Issue | undefined)[] = [];
      let agent: Promise<void> | undefined;
      await new Promise<void>((resolve, reject) => {
        agent = runAgent(open(), host, {
          name,
          signal: ending.signal,
          report: (problem) => told.push(problem),
          onReady: resolve,
          ttl,
        });
        agent.catch(reject);
      });
      const ended = agent ?? Promise.resolve();
      const one: Served = {
        host,
        told,
        ended,
        stop() {
          ending.abort();
          return ended;
        },
      };
      served.push(one);
      return one;
    },
  };
}
