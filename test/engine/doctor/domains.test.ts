import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import type { Issue } from '../../../src/errors.ts';
import { writeFiles } from '../../support/file-tree.ts';
import { createGroup, deviceXml, type TestHost, testHost, uuidOf } from '../ownership/support.ts';

const [A, B] = [uuidOf(1), uuidOf(2)];

let test: TestHost;
beforeEach(async () => {
  test = await testHost();
  writeFiles(test.folder, { 'etc/libvirt/hooks/qemu': 'exec virt-nodedev libvirt-hook -- "$@"\n' });
  await test.manager.define(deviceXml(A, 'g'));
});

const found = async (): Promise<readonly Issue[]> =>
  (await test.manager.doctor()).filter(({ code }) => code !== 'doctor-without-owner');

it('says nothing of a domain whose devices are defined, active or not', async () => {
  test.writeDomain('defined', 'vm1', [A]);
  expect(await found()).toEqual([]);
  await test.manager.start(A);
  expect(await test.manager.doctor()).toEqual([]);
});

it('says what happens at the start of a domain whose device is only defined, where no hook starts it', async () => {
  test.writeDomain('defined', 'vm1', [A]);
  rmSync(join(test.folder, 'etc/libvirt/hooks/qemu'));
  expect(await found()).toMatchObject([
    {
      code: 'doctor-domain-cannot-start',
      severity: 'warning',
      message: expect.stringContaining('not active, so that the domain does not start'),
      hint: expect.stringMatching(/start.*samples\/libvirt-hooks\/qemu/),
    },
  ]);
});

it('reports a device that two domains have', async () => {
  test.writeDomain('defined', 'vm1', [A]);
  test.writeDomain('running', 'vm1', [A]);
  expect(await found()).toEqual([]);
  test.writeDomain('defined', 'vm2', [A]);
  expect(await found()).toMatchObject([
    {
      code: 'doctor-two-domains',
      severity: 'warning',
      message: `domains 'vm1' and 'vm2' have mediated device ${A}`,
    },
  ]);
});

it('reports a device that was claimed for another domain than its configuration says', async () => {
  await test.manager.start(A);
  await test.manager.claim('g', { name: 'vm1' });
  test.writeDomain('defined', 'vm2', [A]);
  expect(await found()).toMatchObject([{ code: 'doctor-two-domains' }]);
});

it('reports a domain that cannot start, and one that cannot after a reboot', async () => {
  test.writeDomain('defined', 'vm1', [A, B]);
  expect(await found()).toMatchObject([
    {
      code: 'doctor-domain-device-missing',
      severity: 'warning',
      message: `/etc/libvirt/qemu/vm1.xml: domain 'vm1' has mediated device ${B}, which is neither active nor defined: it cannot start`,
    },
  ]);
  await createGroup(test.manager, 'h', [B]);
  expect(await found()).toMatchObject([
    { code: 'doctor-domain-device-transient', severity: 'notice' },
  ]);
});

it('does not ask that of a running domain, which has its devices', async () => {
  await createGroup(test.manager, 'h', [B]);
  test.writeDomain('running', 'vm1', [B]);
  expect(await test.manager.doctor()).toEqual([]);
});

it('names files that are no domain, and those it may not read', async () => {
  test.writeDomain('defined', 'vm1', [A]);
  test.writeDomain('defined', 'vm2', []);
  writeFileSync(join(test.folder, 'etc/libvirt/qemu/a.xml'), '<domain>');
  chmodSync(join(test.folder, 'etc/libvirt/qemu/vm2.xml'), 0o000);
  expect(await found()).toMatchObject([
    {
      code: 'doctor-domain-unreadable',
      severity: 'warning',
      message: '/etc/libvirt/qemu/a.xml: no whole domain XML',
    },
    {
      code: 'doctor-domain-hidden',
      severity: 'notice',
      message: 'this user may not read /etc/libvirt/qemu/vm2.xml',
    },
  ]);
});

it('takes a device we defined and others started as ours', async () => {
  test.createForeign(A);
  expect(await found()).toEqual([]);
});

it('names a domain with a host device that says not which it is', async () => {
  const file = 'etc/libvirt/qemu/vm3.xml';
  mkdirSync(join(test.folder, 'etc/libvirt/qemu'), { recursive: true });
  const devices = "<devices><hostdev type='mdev'><source/></hostdev></devices>";
  writeFileSync(join(test.folder, file), `<domain><name>vm3</name>${devices}</domain>`);
  expect(await found()).toMatchObject([
    {
      code: 'doctor-domain-unreadable',
      message: `/${file}: a <hostdev> in it does not say which device it is`,
    },
  ]);
});
