import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  type Connection,
  connect,
  initSimulatedHost,
  type SimulatedCall,
} from '../../src/index.ts';
import { CALLS } from '../../src/host/simulated/calls.ts';
import { injected, interceptFs } from '../support/intercept-fs.mjs';
import { temporaryFolder } from '../support/temporary-folder.ts';

const NAME = 'mdev_0695d332_7831_493f_9e71_1c85c8911a08_0000_86_00_0';
const VGPU = readFileSync(join(import.meta.dirname, '../../samples/vgpu.xml'), 'utf8');
const DOMAIN = `<domain><name>vm</name><devices>
  <hostdev mode='subsystem' type='mdev' model='vfio-pci'>
    <source><address uuid='0695d332-7831-493f-9e71-1c85c8911a08'/></source>
  </hostdev>
</devices></domain>`;
const onDisk = (): Promise<Connection> =>
  initSimulatedHost(join(temporaryFolder({ inMemory: true }), 'host'), 'nvidia-m60');
const active = async (host: Connection): Promise<readonly string[]> =>
  (await host.list({ capabilities: ['mdev'] })).items.map(({ name }) => name);

/** What makes each call, on a host with one device (none for `create`), whose VM runs (for `close`). */
const MAKE: Readonly<Record<SimulatedCall, (host: Connection) => Promise<unknown>>> = {
  create: (host) => host.create(VGPU),
  attribute: (host) => host.create(VGPU),
  remove: (host) => host.destroy(NAME),
  open: (host) => host.startDomain(DOMAIN),
  close: (host) => host.stopDomain('vm'),
};

async function prepared(host: Connection, call: SimulatedCall): Promise<Connection> {
  if (!['create', 'attribute'].includes(call)) await host.create(VGPU);
  if (call === 'close') await host.startDomain(DOMAIN);
  return host;
}

describe.each([
  ['on disk', onDisk],
  ['in memory', () => connect('test:///default')],
])('a host %s', (_, make) => {
  it.each(CALLS)('%s fails as often as asked', async (call) => {
    const host = await prepared(await make(), call);
    const before = await active(host);
    await host.failCall(call, 'EIO', { times: 2 });
    for (let time = 0; time < 2; time += 1) {
      await expect(MAKE[call](host)).rejects.toMatchObject({
        code: expect.any(String),
        message: expect.stringContaining('EIO'),
      });
      expect(await active(host)).toEqual(before);
    }
    await MAKE[call](host);
  });

  it('a call that takes longer does what it does', async () => {
    const host = await make();
    await host.delayCall('create', 60);
    const start = performance.now();
    await host.create(VGPU);
    expect(performance.now() - start).toBeGreaterThan(55);
    await host.delayCall('create', 0);
    expect(await active(host)).toEqual([NAME]);
  });

  it('a device that never appears leaves nothing, and the next one appears', async () => {
    const host = await make();
    await host.failCall('create', 'none');
    await expect(host.create(VGPU)).rejects.toMatchObject({ code: 'host-timeout' });
    expect(await active(host)).toEqual([]);
    await host.create(VGPU);
  }, 60_000);

  it('what was set ends with 0 times, and with a reset', async () => {
    const host = await make();
    await host.failCall('create', 'EIO', { times: 9 });
    await host.failCall('create', 'EIO', { times: 0 });
    await host.create(VGPU);
    await host.failCall('create', 'EIO', { times: 9 });
    await host.resetHost();
    await host.create(VGPU);
    await expect(host.failCall('create', 'EWHAT')).rejects.toMatchObject({
      code: 'request-invalid',
    });
  });
});

it('whichever look at what is leaving fails, a VM that is said to run still runs', async () => {
  let looks = 0;
  for (let at = 1; looks >= at - 1; at += 1) {
    const host = await prepared(await onDisk(), 'close');
    looks = 0;
    const restore = interceptFs((call) => {
      if (call.name !== 'lstatSync' || !String(call.args[0]).endsWith('/leaving.json')) return;
      looks += 1;
      if (looks === at) throw injected('EMFILE', call);
    });
    const ends = host.stopDomain('vm').then(
      () => false,
      () => true,
    );
    const toldToRun = await ends.finally(restore);
    const isHeld = await host.destroy(NAME).then(
      () => false,
      () => true,
    );
    expect([at, isHeld]).toEqual([at, toldToRun]);
  }
  expect(looks).toBeGreaterThan(1);
});

it('a VM that stopped has stopped, also when what the hook does then fails', async () => {
  const root = join(temporaryFolder({ inMemory: true }), 'host');
  await (await initSimulatedHost(root, 'nvidia-m60')).close();
  mkdirSync(join(root, 'etc/libvirt/hooks'), { recursive: true });
  writeFileSync(join(root, 'etc/libvirt/hooks/qemu'), 'exec virt-nodedev libvirt-hook "$@"\n');
  const told: string[] = [];
  await using host = await connect(`sim://${root}`, { report: ({ code }) => told.push(code) });
  await prepared(host, 'close');
  // Closing changes no record, what the hook does changes the loan.
  let renames = 0;
  const restore = interceptFs((call) => {
    if (call.name !== 'renameSync' || !String(call.args[1]).endsWith('active.json')) return;
    renames += 1;
    throw injected('EIO', call);
  });
  await host.stopDomain('vm').finally(restore);
  expect(renames).toBeGreaterThan(0);
  expect(told).toContain('store-failed');
});
