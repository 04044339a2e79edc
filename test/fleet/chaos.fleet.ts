import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, openSync, closeSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { EtcdClient } from '../../src/etcd/client.ts';
import { NodedevError } from '../../src/errors.ts';
import { makeSimulatedHost } from '../../src/host/simulated/init.ts';
import { connect } from '../../src/remote/connect.ts';
import type { Connection } from '../../src/plan/connection.ts';
import { claimKey } from '../../src/reservations/keys.ts';
import { Planner } from '../../src/reservations/planner.ts';
import { carryOut, release } from '../../src/reservations/reserve.ts';
import { roomLeft } from '../../src/reservations/room-left.ts';
import { readHosts } from '../../src/reservations/view.ts';
import { builtCommand } from '../cli/built-command.ts';
import { etcdProgram, startCluster, untilDone } from './etcd-cluster.ts';
import { networkMachines } from './network.ts';
import { Relay } from './relay.ts';

// Three members of etcd, twenty agents with a simulated host each, three planners: what is promised in docs/etcd.md holds while
// agents are killed, members stopped and links cut, and afterwards all is as it was wanted. `MINUTES=10` for longer.
// Members and agents are in network namespaces with a cable each. Planners are of this process: relays are their links, which are
// the agents' too where no namespaces can be made.

const AGENTS = 20;
const PLANNERS = 3;
const MINUTES = Number(process.env['MINUTES'] ?? '1.4');
const TYPES = ['nvidia-18', 'nvidia-19', 'nvidia-21', 'nvidia-22'] as const;
const SEED = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));

/** Random numbers of a seed (mulberry32): the faults of a run can be made again, though not their moments. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const program = etcdProgram();

it.skipIf(program === undefined)(
  'a fleet keeps its promises under faults, and converges afterwards',
  async () => {
    const folder = mkdtempSync('/dev/shm/virt-nodedev-fleet-');
    const counts = new Map<string, number>();
    const count = (what: string): void => {
      counts.set(what, (counts.get(what) ?? 0) + 1);
    };
    const random = randomOf(SEED);
    const pick = <T>(list: readonly T[]): T => {
      const found = list[Math.floor(random() * list.length)];
      if (found === undefined) throw new Error('nothing to pick from');
      return found;
    };
    const machine = networkMachines();
    const machines = machine === undefined ? [] : [1, 2, 3].map((number) => machine(number));
    await using cluster = await startCluster(program ?? '', folder, 3, { machines });
    const { members } = cluster;
    onTestFinished(() => {
      rmSync(folder, { recursive: true, force: true });
    });

    // The test itself looks without relays.
    const direct = new EtcdClient({
      endpoints: members.map(({ clientUrl }) => clientUrl),
    });
    onTestFinished(() => {
      direct.close();
    });
    await untilDone(() => direct.read('/a'));

    const relays: Relay[] = [];
    const links: Pick<Relay, 'cut' | 'mend'>[] = [];
    const ownLinks = async (): Promise<readonly string[]> => {
      const own = await Promise.all(
        members.map(({ clientPort, address }) => Relay.start(clientPort, 0, address)),
      );
      relays.push(...own);
      links.push(...own);
      return own.map(({ url }) => url);
    };
    const hosts = new Map<string, Connection>();
    const agents: { process: ChildProcess; readonly start: () => ChildProcess }[] = [];
    for (let n = 0; n < AGENTS; n += 1) {
      const name = `gpu${n}`;
      const tree = join(folder, name);
      mkdirSync(tree);
      makeSimulatedHost(tree, 'nvidia-m60');
      const host = await connect(`sim://${tree}`, { readOnly: true });
      hosts.set(name, host);
      const place = machine?.(100 + n);
      if (place !== undefined) links.push(place);
      const urls = place === undefined ? await ownLinks() : members.map((one) => one.clientUrl);
      const start = (): ChildProcess => {
        const log = openSync(join(folder, `${name}.log`), 'a');
        const own = ['-c', `sim://${tree}`, 'agent', '--etcd', urls.join(','), '--name', name];
        const words = ['--import', './test/fleet/moved-clock.mjs', builtCommand, ...own];
        const [command, ...more] = [...(place?.words ?? []), process.execPath, ...words];
        const child = spawn(command, more, { stdio: ['ignore', log, log] });
        closeSync(log);
        return child;
      };
      agents.push({ process: start(), start });
    }
    onTestFinished(async () => {
      for (const agent of agents) agent.process.kill('SIGKILL');
      await Promise.all(relays.map((relay) => relay[Symbol.asyncDispose]()));
    });
    const alive = async () => [...(await readHosts(direct)).values()].filter((one) => one.isAlive);
    await expect.poll(async () => (await alive()).length, { timeout: 60_000 }).toBe(AGENTS);

    const ending = new AbortController();
    const { signal } = ending;
    const pause = (most: number) =>
      sleep(random() * most, undefined, { signal }).catch(() => undefined);
    /** What etcd's faults and other planners may refuse; anything else fails the test. */
    const may = async (what: string, work: Promise<unknown>): Promise<boolean> => {
      try {
        await work;
        count(what);
        return true;
      } catch (error) {
        const isExpected =
          error instanceof NodedevError &&
          [
            'etcd-unavailable',
            'reservation-refused',
            'reservation-exists',
            'reservation-unknown',
          ].includes(error.code);
        if (!isExpected) throw error;
        count(`${what}: ${error.code}`);
        return false;
      }
    };

    const longLived: Planner[] = [];
    const plan = async (n: number): Promise<void> => {
      const client = new EtcdClient({ endpoints: await ownLinks(), timeout: 1000 });
      onTestFinished(() => {
        client.close();
      });
      const planner = new Planner(client);
      longLived.push(planner);
      const domains: string[] = [];
      for (let number = 0; !signal.aborted; number += 1) {
        const name = `vm${n}-${number}`;
        const type = pick(TYPES);
        const few = type === 'nvidia-22' ? 1 + Math.floor(random() * 2) : 1;
        const request = { domain: { name }, devices: [{ type, count: few }] };
        const policy = pick(['pack', 'spread'] as const);
        if (await may('reserved', planner.reserve(request, { policy }))) domains.push(name);
        if (domains.length > 0 && random() < 0.8) {
          await may('wanted', carryOut(client, pick(domains)));
        }
        if (domains.length > 12 || (domains.length > 0 && random() < 0.3)) {
          const gone = pick(domains);
          if (await may('released', release(client, gone)))
            domains.splice(domains.indexOf(gone), 1);
        }
        await pause(300);
      }
    };

    const harm = async (): Promise<void> => {
      while (!signal.aborted) {
        await pause(1500);
        const kind = pick([
          'agent',
          'agent',
          'agent',
          'stop',
          'kill',
          'link',
          'link',
          'peer',
        ] as const);
        if (kind === 'agent') {
          const agent = pick(agents);
          if (agent.process.exitCode !== null) throw new Error('an agent has ended by itself');
          agent.process.kill('SIGKILL');
          await once(agent.process, 'exit');
          await pause(1000);
          agent.process = agent.start();
          count('agents killed');
          continue;
        }
        if (kind === 'link') {
          const link = pick(links);
          link.cut();
          count('links of agents and planners cut');
          void sleep(1000 + random() * 6000).then(() => {
            link.mend();
          });
          continue;
        }
        const member = pick(members);
        if (kind === 'peer') member.cable.cut();
        else member.kill(kind === 'stop' ? 'SIGSTOP' : 'SIGKILL');
        await pause(4000);
        if (kind === 'peer') member.cable.mend();
        else if (kind === 'stop') member.kill('SIGCONT');
        else member.start();
        count(
          { peer: 'links of members cut', stop: 'members stopped', kill: 'members killed' }[kind],
        );
      }
    };

    /** What must hold at every moment. */
    const look = async (): Promise<void> => {
      while (!signal.aborted) {
        const owners = new Map<string, string>();
        const seen: { readonly uuid: string; readonly host: string }[] = [];
        for (const [name, host] of hosts) {
          const { topology } = await host.inventory();
          for (const card of topology.cards) {
            for (const type of card.types) {
              expect(type.used, `${name}: ${type.id}`).toBeLessThanOrEqual(
                type.maximum ?? Infinity,
              );
            }
            const kinds = new Set(card.devices.map(({ type }) => type));
            expect(kinds.size, `${name}: one type on a GPU`).toBeLessThanOrEqual(1);
          }
          for (const { name: group, members: own, owner } of topology.groups) {
            for (const { uuid, active } of own) {
              if (!active) continue;
              expect(owners.get(uuid), `owners of ${uuid}`).toBeUndefined();
              owners.set(uuid, owner?.name ?? '');
              expect(group, 'its group').toBe(`fleet:${owner?.name ?? group.slice(6)}`);
              seen.push({ uuid, host: name });
            }
          }
        }
        count('looks at all trees');
        const views = await readHosts(direct).catch(() => undefined);
        for (const view of views?.values() ?? []) {
          expect(view.problems).toEqual([]);
          const left = roomLeft(view.cards ?? [], view.reservations);
          expect(left, `${view.name}: reserved beyond its room`).toBeDefined();
        }
        if (views !== undefined) count('looks at all reservations');
        for (const { uuid, host } of seen) {
          const claims = await direct.read(claimKey(uuid)).catch(() => undefined);
          if (claims === undefined || claims.items.length > 0) continue;
          const now = await hosts.get(host)?.list({ capabilities: ['mdev'] });
          const isThere = now?.items.some((device) => device.uuid === uuid);
          expect(isThere, `the claim of ${uuid} is lost`).toBe(false);
        }
        count('looks at all claims');
        await pause(500);
      }
    };

    const planners = Array.from({ length: PLANNERS }, (_, n) => plan(n));
    const parts = [...planners, harm(), look()];
    const end = setTimeout(() => {
      ending.abort();
    }, MINUTES * 60_000);
    try {
      await Promise.all(parts);
    } finally {
      clearTimeout(end);
      ending.abort();
      await Promise.allSettled(parts);
      process.stdout.write(
        `seed ${SEED}\n${[...counts].map(([what, times]) => `${times} ${what}\n`).join('')}`,
      );
    }

    // All is well again: everything must become as it is wanted.
    for (const link of [...links, ...members.map(({ cable }) => cable)]) link.mend();
    for (const agent of agents) if (agent.process.exitCode !== null) agent.process = agent.start();
    const differences = async (): Promise<readonly unknown[]> => {
      const views = [...(await readHosts(direct)).values()];
      const found: unknown[] = [];
      for (const { name, isAlive, reservations, report } of views) {
        const wanted = reservations.flatMap(({ state, devices }) =>
          state === 'wanted' ? devices.map(({ uuid }) => uuid) : [],
        );
        const list = await hosts.get(name)?.list({ capabilities: ['mdev'] });
        const there = list?.items.flatMap(({ uuid }) => uuid ?? []) ?? [];
        const isSame = wanted.toSorted().join(' ') === there.toSorted().join(' ');
        const released = reservations.filter(({ state }) => state === 'released');
        const problems = report?.problems ?? [];
        if (isAlive && isSame && released.length === 0 && problems.length === 0) continue;
        const log = readFileSync(join(folder, `${name}.log`), 'utf8').slice(-500);
        found.push({ name, isAlive, wanted, there, released, problems, log });
      }
      return found;
    };
    await expect.poll(differences, { timeout: 60_000, interval: 500 }).toEqual([]);
    const views = [...(await readHosts(direct)).values()];
    const wanted = views.flatMap(({ reservations }) => reservations);
    process.stdout.write(`all ${views.length} hosts have what ${wanted.length} reservations say\n`);
    // Where a planner that looks for the first time finds room, those of before find it as well.
    const last = { domain: { name: 'last' }, devices: [{ type: TYPES[0] }] };
    for (const planner of [new Planner(direct), ...longLived]) {
      expect(await untilDone(() => planner.reserve(last))).toMatchObject({ state: 'reserved' });
      await release(direct, 'last');
    }
    for (const what of ['wanted', 'released', 'agents killed', 'looks at all trees']) {
      expect(counts.get(what)).toBeGreaterThan(5 * MINUTES);
    }
  },
  (MINUTES + 4) * 60_000,
);
