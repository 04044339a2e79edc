import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Machine } from './network.ts';
import { Relay } from './relay.ts';

/** Debian's etcd; undefined: this machine cannot, and why was printed. */
export function etcdProgram(): string | undefined {
  try {
    const folder = execFileSync('bash', ['test/fleet/etcd.sh'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    return join(folder.trim(), 'etcd');
  } catch (error) {
    if (error instanceof Error && 'status' in error && error.status === 77) return undefined;
    throw error;
  }
}

/** A member. Where it has no machine of its own, others reach it by a relay, and each client by one of its own. */
export interface Member {
  readonly address: string;
  readonly clientPort: number;
  readonly clientUrl: string;
  /** What others of the cluster reach it by. */
  readonly cable: Pick<Relay, 'cut' | 'mend'>;
  kill(signal: NodeJS.Signals): void;
  /** Starts it again, with its data. */
  start(): void;
}

export interface Cluster extends AsyncDisposable {
  readonly members: readonly Member[];
}

/**
 * Members of etcd on loopback, in a folder, with a cluster of their own.
 *
 * @param more further words of the command line, such as those of TLS
 * @param machines of the members, instead of loopback
 */
export async function startCluster(
  program: string,
  folder: string,
  size = 3,
  {
    scheme = 'http',
    more = [],
    machines = [],
  }: { scheme?: string; more?: readonly string[]; machines?: readonly Machine[] } = {},
): Promise<Cluster> {
  const ports = await freePorts(size * 2);
  const relays: Relay[] = [];
  const places = await Promise.all(
    ports.slice(size).map(async (port, n) => {
      const machine = machines[n];
      if (machine !== undefined) {
        return { ...machine, cable: machine, peerUrl: `http://${machine.address}:${port}` };
      }
      const relay = await Relay.start(port);
      relays.push(relay);
      return { address: '127.0.0.1', words: [], cable: relay, peerUrl: relay.url };
    }),
  );
  const all = places.map(({ peerUrl }, n) => `m${n}=${peerUrl}`).join(',');
  const members = places.map(({ address, words, cable, peerUrl }, n): Member => {
    const [clientPort = 0, peerPort = 0] = [ports[n], ports[size + n]];
    const clientUrl = `${scheme}://${address}:${clientPort}`;
    const [command = program, ...before] = [...words, program];
    let child: ChildProcess | undefined;
    return {
      address,
      clientPort,
      clientUrl,
      cable,
      kill: (signal) => child?.kill(signal),
      start() {
        const options = {
          '--name': `m${n}`,
          '--data-dir': join(folder, `m${n}`),
          '--listen-client-urls': clientUrl,
          '--advertise-client-urls': clientUrl,
          '--listen-peer-urls': `http://${address}:${peerPort}`,
          '--initial-advertise-peer-urls': peerUrl,
          '--initial-cluster': all,
        };
        const own = [...before, ...Object.entries(options).flat(), ...more];
        child = spawn(command, own, { stdio: 'ignore' });
        ended.add(once(child, 'exit'));
      },
    };
  });
  const ended = new Set<Promise<unknown>>();
  for (const member of members) member.start();
  return {
    members,
    async [Symbol.asyncDispose]() {
      for (const member of members) {
        member.kill('SIGCONT');
        member.kill('SIGKILL');
      }
      await Promise.all(ended);
      await Promise.all(relays.map((relay) => relay[Symbol.asyncDispose]()));
    },
  };
}

/** Asks until it works, for a minute at most. */
export async function untilDone<T>(ask: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await ask();
    } catch (error) {
      if (tries >= 120) throw error;
      await sleep(500);
    }
  }
}

/** Ports that nobody listens at now. */
async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}
