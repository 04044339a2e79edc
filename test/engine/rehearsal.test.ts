import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { connect, initSimulatedHost } from '../../src/index.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const UUID = '00000000-0000-4000-8000-000000000001';
let root: string;

beforeEach(async () => {
  root = join(temporaryFolder({ inMemory: true }), 'host');
  await using host = await initSimulatedHost(root, 'kernel-samples');
  await host.create(
    `<device><parent>mtty_mtty</parent><capability type='mdev'><type id='mtty-1'/><uuid>${UUID}</uuid></capability></device>`,
  );
});

/** What is below the host: names, sizes, and when something was last written. */
const filesOf = (): string =>
  execFileSync('find', [root, '-not', '-path', '*/lock*', '-printf', '%P %s %T@\n'], {
    encoding: 'utf8',
  });

it('does no call to a simulated host itself, and runs nothing', async () => {
  await using host = await connect(`sim://${root}`, { dryRun: true });
  const before = filesOf();
  const refused = { code: 'read-only' };
  await expect(host.attach(UUID)).rejects.toMatchObject(refused);
  await expect(host.mountHost(join(root, '../mounted'))).rejects.toMatchObject(refused);
  await expect(host.runCommand(['touch', join(root, 'ran')])).rejects.toMatchObject(refused);
  await expect(
    host.runDomain("<domain type='kvm'><name>a</name></domain>", { qemu: '/bin/true' }),
  ).rejects.toMatchObject(refused);
  await host.unregisterDriver('mtty', { force: true });
  await host.registerDriver('mtty');
  await host.unplug('mtty_mtty', { force: true });
  await host.resetHost();
  expect(filesOf()).toBe(before);
});

it('lets no program change a host that may only be looked at', async () => {
  await using host = await connect(`sim://${root}`, { readOnly: true });
  const before = filesOf();
  const refused = { code: 'read-only' };
  await expect(host.attach(UUID)).rejects.toMatchObject(refused);
  await expect(host.mountHost(join(root, '..'))).rejects.toMatchObject(refused);
  await expect(host.runCommand(['true'])).rejects.toMatchObject(refused);
  await expect(
    host.runDomain("<domain type='kvm'><name>a</name></domain>", { qemu: '/bin/true' }),
  ).rejects.toMatchObject(refused);
  expect(filesOf()).toBe(before);
});

it('tells what another program wrote in vain, and leaves it', async () => {
  const file = join(root, 'sys/devices/virtual/mtty/mtty/mdev_supported_types/mtty-1/create');
  writeFileSync(file, 'x');
  await using host = await connect(`sim://${root}`, { dryRun: true });
  const before = filesOf();
  const told = await host.recover();
  expect(told.map(({ code }) => code)).toEqual(['recovered']);
  expect(filesOf()).toBe(before);
  await using real = await connect(`sim://${root}`);
  expect(await real.recover()).toEqual(told);
  expect(filesOf()).not.toBe(before);
});
