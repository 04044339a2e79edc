import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type ApplicablePlan, connect, type Connection } from '../../../src/index.ts';
import { lockRoot } from '../../../src/engine/lock/root-lock.ts';
import { makeSimulatedHost } from '../../../src/host/simulated/init.ts';
import { buildProgram } from '../../support/build-program.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { run } from '../../cli/run.ts';

const XML =
  "<device><parent>pci_0000_86_00_0</parent><capability type='mdev'><type id='nvidia-11'/></capability></device>";

let root: string;
let holder: ChildProcess | undefined;

beforeEach(() => {
  root = join(temporaryFolder({ inMemory: true }), 'host');
  makeSimulatedHost(root, 'nvidia-m60');
});

afterEach(() => {
  holder?.kill('SIGKILL');
});

/** Another process that has the lock until it is killed, and gives nobody else a turn meanwhile. */
async function hold(): Promise<ChildProcess> {
  const program = await buildProgram(
    temporaryFolder(),
    `import { writeSync } from 'node:fs';
    import { lockRoot } from '${join(process.cwd(), 'src/engine/lock/root-lock.ts')}';
    await lockRoot(process.argv[2] ?? '', 10, []);
    writeSync(1, 'held\\n');
    for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);`,
  );
  const child = spawn(process.execPath, [program, root], { stdio: ['ignore', 'pipe', 'inherit'] });
  holder = child;
  await once(child.stdout, 'data');
  return child;
}

const PLAN: ApplicablePlan = {
  version: 1,
  host: { fingerprint: '' },
  actions: [{ action: 'claim', group: 'g', owner: { name: 'vm1' } }],
  refusals: [],
};

const open = (lockTimeout?: number): Promise<Connection> =>
  connect(`sim://${root}`, { lockTimeout });

it('does not stop the clock of who waits, and ends with the process that is waited for', async () => {
  const child = await hold();
  await using manager = await open();
  let ticks = 0;
  const timer = setInterval(() => (ticks += 1), 5);
  const created = manager.create(XML);
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect((await manager.list({ capabilities: ['mdev'] })).items).toEqual([]); // reading does not wait
  const ticked = ticks;
  child.kill('SIGKILL');
  expect((await created).devices).toHaveLength(1);
  clearInterval(timer);
  expect(ticked).toBeGreaterThan(10);
});

it('has an end, and names the process that was waited for', async () => {
  const { pid } = await hold();
  await using manager = await open(0.2);
  const error = {
    code: 'lock-timeout',
    message: expect.stringMatching(
      new RegExp(
        `^the lock ${root}/run/virt-nodedev/lock/lock\\.1 is held by process ${pid} \\(\\S+ ${root}\\) since 20.*Z: waited 0\\.2 s$`,
        'u',
      ),
    ),
    hint: expect.stringContaining('nothing was changed'),
  };
  await expect(manager.create(XML)).rejects.toMatchObject(error);
  const line = ['-c', `sim://${root}`, '--lock-timeout', '0', 'sim', 'reset'];
  const { code, stderr } = await run(line, {
    connect,
  });
  expect([code, stderr]).toEqual([1, expect.stringContaining(`is held by process ${pid} (`)]);
});

it('ends when the call is aborted, or the connection closed', async () => {
  await hold();
  const manager = await open();
  const abort = new AbortController();
  const { signal } = abort;
  const calls = [
    manager.create(XML, { signal }),
    manager.destroy('x', { signal }),
    manager.resetHost({ signal }),
    manager.claim('g', { name: 'vm1' }, { signal }),
    manager.claimDevices(['x'], { name: 'vm1' }, { signal }),
    manager.release('g', { signal }),
    manager.define(XML, { signal }),
    manager.undefine('x', { signal }),
    manager.start('x', { signal }),
    manager.startGroup('g', { signal }),
    manager.autostart('x', true, { signal }),
    manager.update('x', XML, { signal }),
    manager.apply(PLAN, { signal }),
    manager.stopDomain('vm1', { signal }),
    manager.startDomain('<domain><name>vm1</name></domain>', { signal }),
  ];
  setTimeout(() => abort.abort(), 50);
  const results = await Promise.allSettled(calls);
  expect(results).toEqual(
    calls.map(() => ({
      status: 'rejected',
      reason: expect.objectContaining({ code: 'aborted' }),
    })),
  );
  const creating = manager.create(XML).catch((error: unknown) => error);
  await new Promise((resolve) => setTimeout(resolve, 20));
  await manager.close();
  expect(await creating).toMatchObject({ code: 'connection-closed' });
});

it('comes in turn in one process, and several connections wait for each other', async () => {
  await using one = await open();
  await using other = await open();
  const created = await Promise.all(
    Array.from({ length: 8 }, (_, index) => (index % 2 === 0 ? one : other).create(XML)),
  );
  expect(new Set(created.map(({ group }) => group.number)).size).toBe(8);
});

it('leaves no descriptor and no listener behind', async () => {
  const never = new AbortController().signal;
  const before = readdirSync('/proc/self/fd').length;
  for (let round = 0; round < 200; round += 1) (await lockRoot(root, 1, [never]))();
  // Tests in other threads of this process have descriptors too, some dozens.
  expect(readdirSync('/proc/self/fd').length).toBeLessThan(before + 150);
  expect(readdirSync(join(root, 'run/virt-nodedev/lock')).toSorted()).toEqual([
    'holder.200',
    'lock.200',
  ]);
});
