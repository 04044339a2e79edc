import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { writeFiles } from '../../support/file-tree.ts';
import { injected, interceptFs } from '../../support/intercept-fs.mjs';
import {
  createGroup,
  deviceXml,
  domainXml,
  present,
  type TestHost,
  testHost,
  uuidOf,
} from './support.ts';

const [A, B, C] = [uuidOf(1), uuidOf(2), uuidOf(3)];

let test: TestHost;
let clock = 1_700_000_000_000;
beforeEach(async () => {
  test = await testHost({ now: () => clock });
});

const later = (seconds: number): void => {
  clock += seconds * 1000;
};
const collected = async (): Promise<readonly string[]> =>
  (await test.manager.gc()).orphans.map(({ group }) => group);

it('destroys groups of ours that nobody has, and reports which', async () => {
  await createGroup(test.manager, 'g', [A, B]);
  later(90);
  expect(await test.manager.gc()).toMatchObject({
    orphans: [{ group: 'g', age: 90, devices: [{ uuid: A }, { uuid: B }] }],
    failed: [],
    forgotten: [],
  });
  expect(test.host.devices().items).toEqual([]);
  expect(await test.manager.groups()).toEqual([]);
});

it('only reports with dryRun', async () => {
  await createGroup(test.manager, 'g', [A]);
  later(90);
  expect(await test.manager.gc({ dryRun: true })).toMatchObject({ orphans: [{ group: 'g' }] });
  expect(test.host.find(A)).toBeDefined();
});

describe('leaves alone', () => {
  it.each<readonly [what: string, keep: () => unknown]>([
    ['what is claimed', () => test.manager.claim('g', { name: 'vm1' })],
    ['what is open', () => test.manager.startDomain(domainXml('vm1', [B]))],
    ['what is defined, all of the group', () => test.manager.define(deviceXml(A, 'g'))],
    ['a group with a member that is only defined', () => test.manager.define(deviceXml(C, 'g'))],
    [
      'what others defined',
      () =>
        writeFiles(test.folder, {
          [`etc/mdevctl.d/0000:86:00.0/${A}`]: '{"mdev_type":"nvidia-18","start":"manual"}',
        }),
    ],
    ['what a running domain names', () => test.writeDomain('running', 'vm1', [A])],
    ['what a configuration names', () => test.writeDomain('defined', 'vm1', [B])],
    [
      'what two configurations name',
      () => ['vm1', 'vm2'].map((name) => test.writeDomain('defined', name, [A])),
    ],
  ])('%s', async (_, keep) => {
    await createGroup(test.manager, 'g', [A, B]);
    await keep();
    later(90);
    expect(await collected()).toEqual([]);
    expect(test.host.devices().items).toHaveLength(2);
  });

  it('what others made', async () => {
    test.createForeign(A);
    later(90);
    expect(await collected()).toEqual([]);
    expect(test.host.find(A)).toBeDefined();
  });

  it('what is young, since its creator may claim it next', async () => {
    await createGroup(test.manager, 'g', [A]);
    later(59);
    expect(await collected()).toEqual([]);
    expect((await test.manager.gc({ olderThan: 30 })).orphans).toHaveLength(1);
  });

  it('a group whose youngest device is young', async () => {
    await createGroup(test.manager, 'g', [A]);
    later(90);
    await createGroup(test.manager, 'g', [B]);
    expect(await collected()).toEqual([]);
  });

  it('everything while a domain’s file cannot be read: it might name any device', async () => {
    await createGroup(test.manager, 'g', [A]);
    later(90);
    mkdirSync(join(test.folder, 'etc/libvirt/qemu'), { recursive: true });
    writeFileSync(join(test.folder, 'etc/libvirt/qemu/vm1.xml'), '<domain');
    await expect(test.manager.gc()).rejects.toMatchObject({
      code: 'domain-invalid',
      message: expect.stringContaining('/etc/libvirt/qemu/vm1.xml'),
    });
    expect(test.host.find(A)).toBeDefined();
  });
});

it('goes on after a group that cannot be destroyed', async () => {
  await createGroup(test.manager, 'a', [A]);
  await createGroup(test.manager, 'b', [B]);
  later(90);
  mkdirSync(join(test.folder, 'etc/mdevctl.d/scripts.d/callouts'), { recursive: true });
  writeFileSync(
    join(test.folder, 'etc/mdevctl.d/scripts.d/callouts/refuse'),
    `#!/bin/sh\ncase "$*" in *pre*${A}*) exit 1 ;; esac\nexit 0\n`,
    { mode: 0o755 },
  );
  const { orphans, failed } = await test.manager.gc();
  expect(orphans.map(({ group }) => group)).toEqual(['b']);
  expect(failed).toMatchObject([{ orphan: { group: 'a' }, error: { code: 'script-failed' } }]);
});

it.each([
  ['at another device', 'readlinkSync', B],
  ['at the records', 'lstatSync', 'run/virt-nodedev'],
])('whichever look %s fails, tells what it destroyed', async (_, name, file) => {
  let calls = 0;
  for (let at = 1; calls >= at - 1; at += 1) {
    const { host, manager } = await testHost({ now: () => clock });
    await createGroup(manager, 'a', [A]);
    await createGroup(manager, 'b', [B]);
    await manager.claim('b', { name: 'vm1' });
    later(90);
    calls = 0;
    const restore = interceptFs((call) => {
      if (call.name !== name || !String(call.args[0]).endsWith(file)) return;
      calls += 1;
      if (calls === at) throw injected('EBUSY', call);
    });
    const told = await manager
      .gc()
      .then(
        ({ orphans }) => orphans.length,
        () => 0,
      )
      .finally(restore);
    expect([at, host.find(A) === undefined ? 1 : 0]).toEqual([at, told]);
  }
  expect(calls).toBeGreaterThan(1);
});

it('forgets what others removed', async () => {
  await createGroup(test.manager, 'g', [A, B]);
  await test.manager.claim('g', { name: 'vm1' });
  test.host.remove(present(test.host.find(A)));
  await test.manager.define(deviceXml(C, 'h'));
  const before = await test.manager.gc({ dryRun: true });
  expect(before.forgotten).toEqual([expect.stringContaining(A.replaceAll('-', '_'))]);
  expect((await test.manager.gc()).forgotten).toHaveLength(1);
  expect((await test.manager.gc()).forgotten).toEqual([]);
  expect(await test.manager.group('g')).toMatchObject({ members: [{ uuid: B }] });
});

describe('ages are measured by a clock that nobody sets', () => {
  it.each([
    ['forward', 2_000_000_000_000],
    ['back', 0],
  ])('when the clock of the wall jumps %s, a device keeps its age', async (_, wall) => {
    vi.useFakeTimers({ toFake: ['Date'], now: 1_700_000_000_000 });
    try {
      const { manager } = await testHost();
      await createGroup(manager, 'g', [A]);
      vi.setSystemTime(wall);
      expect((await manager.gc()).orphans).toEqual([]);
      expect((await manager.gc({ olderThan: 0 })).orphans).toMatchObject([
        { group: 'g', age: expect.toSatisfy((age) => age < 60) },
      ]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('what an earlier boot of the machine left on a simulated host is as old as this boot', async () => {
    await createGroup(test.manager, 'g', [A]);
    clock = 59_000;
    expect(await collected()).toEqual([]);
    clock = 61_000;
    expect(await collected()).toEqual(['g']);
  });
});
