import { join } from 'node:path';
import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { makeSimulatedHost } from '../../src/host/simulated/init.ts';
import { connect, type Connection, NodedevError } from '../../src/index.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { type Cut, serve } from './serving.ts';

const UUID = '0695d332-7831-493f-9e71-1c85c8911a08';
const OTHER = '11111111-2222-4333-8444-555555555555';
const xml = (uuid: string): string =>
  `<device><parent>pci_0000_86_00_0</parent><capability type='mdev'><type id='nvidia-18'/>
  <uuid>${uuid}</uuid></capability></device>`;

interface Operation {
  readonly prepare: (host: Connection) => Promise<unknown>;
  readonly run: (connection: Connection) => Promise<unknown>;
}

const OPERATIONS: Readonly<Record<'create' | 'destroy' | 'apply', Operation>> = {
  create: { prepare: async () => undefined, run: (host) => host.create([xml(UUID), xml(OTHER)]) },
  destroy: {
    prepare: (host) => host.create([xml(UUID), xml(OTHER)]),
    run: (host) => host.destroy([UUID, OTHER]),
  },
  apply: {
    prepare: (host) => host.define(xml(OTHER)),
    run: async (host) => {
      const plan = await host.plan([xml(UUID)], { prune: true, define: true });
      return host.apply(plan, { onProgress: () => undefined });
    },
  },
};

/** What a host has, as a text. */
async function stateOf(uri: string): Promise<string> {
  await using host = await connect(uri);
  expect((await host.recover()).filter(({ severity }) => severity === 'error')).toEqual([]);
  expect(await host.recoveryState()).toMatchObject({ pending: 0, left: 0 });
  const { items } = await host.list({ capabilities: ['mdev'], state: 'all' });
  return JSON.stringify([items, await host.groups()]);
}

interface Attempt {
  readonly error: unknown;
  /** The state of the host. */
  readonly before: string;
  readonly after: string;
  /** How many messages were written. */
  readonly count: number;
}

/** Runs an operation on a new host, and says what came of it. */
async function attempt(operation: Operation, cut: Cut): Promise<Attempt> {
  const folder = join(temporaryFolder({ inMemory: true }), 'host');
  makeSimulatedHost(folder, 'nvidia-m60');
  const uri = `sim://${folder}`;
  {
    await using host = await connect(uri);
    await operation.prepare(host);
  }
  const before = await stateOf(uri);
  const served = serve(uri, cut);
  let error: unknown;
  try {
    const connection = await served.connection;
    await operation.run(connection);
    await connection.close();
  } catch (thrown) {
    error = thrown;
  }
  await served.gone;
  return { error, before, after: await stateOf(uri), count: served.count() };
}

const FATE =
  /was not sent|changes nothing|was sent and not acknowledged|was sent and acknowledged/u;

/** How a run has ended, as a text; with `wrong` what must not be. */
function endOf({ error, before, after }: Attempt, done: string): string {
  const isDone = after !== before;
  if (isDone && after !== done) return 'wrong: half done';
  if (error === undefined) return isDone ? 'answered' : 'wrong: answered and not done';
  if (!(error instanceof NodedevError)) return `wrong: ${inspect(error)}`;
  const { code, message } = error;
  const end = `${code}, ${isDone ? 'done' : 'not done'}`;
  if (code === 'ssh-failed') return isDone ? `wrong: ${end}` : end;
  return code === 'connection-lost' && FATE.test(message) ? end : `wrong: ${code}: ${message}`;
}

it.each([
  ['create', 'server'],
  ['create', 'client'],
  ['destroy', 'server'],
  ['apply', 'client'],
] as const)(
  '%s is done or not when the %s ends at any message, and the client is told',
  async (name, what) => {
    const operation = OPERATIONS[name];
    const whole = await attempt(operation, { at: 0, what: 'nothing' });
    expect(whole.error).toBeUndefined();
    expect(whole.after).not.toBe(whole.before);
    const ends: string[] = [];
    for (let at = 1; at <= whole.count; at += 1) {
      ends.push(endOf(await attempt(operation, { at, what }), whole.after));
    }
    expect(ends.filter((end) => end.startsWith('wrong'))).toEqual([]);
    // Before there was a connection, during the call, and after its answer.
    expect(ends[0]).toBe('ssh-failed, not done');
    expect(ends.filter((end) => end.startsWith('connection-lost')).length).toBeGreaterThan(1);
    expect(ends.at(-1)).toBe('answered');
  },
  600_000,
);
