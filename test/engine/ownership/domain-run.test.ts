import { beforeEach, describe, expect, it } from 'vitest';
import { writeFiles } from '../../support/file-tree.ts';
import { injected, interceptFs } from '../../support/intercept-fs.mjs';
import { createGroup, deviceXml, domainXml, type TestHost, testHost, uuidOf } from './support.ts';

const [A, B, C, D] = [uuidOf(1), uuidOf(2), uuidOf(3), uuidOf(4)];

let test: TestHost;
beforeEach(async () => {
  test = await testHost();
});

const active = (): readonly string[] => test.host.devices().items.map(({ ref }) => ref.uuid);

it('starts what is missing, lends the groups, and undoes both at the end', async () => {
  await test.manager.define([deviceXml(A, 'g'), deviceXml(B, 'g')]);
  const vm1 = domainXml('vm1', [A, B]);
  expect(await test.manager.prepareDomain(vm1)).toMatchObject({
    domain: { name: 'vm1' },
    groups: ['g'],
    devices: [{ uuid: A }, { uuid: B }],
  });
  expect(active()).toEqual([A, B]);
  expect(await test.manager.group('g')).toMatchObject({ owner: { name: 'vm1', by: 'claim' } });
  expect(await test.manager.releaseDomain(vm1)).toMatchObject({
    groups: ['g'],
    devices: [{ uuid: A }, { uuid: B }],
  });
  expect(active()).toEqual([]);
  expect((await test.manager.group('g')).owner).toBeUndefined();
});

it('does nothing the second time, at either end', async () => {
  await test.manager.define(deviceXml(A));
  const vm1 = domainXml('vm1', [A]);
  await test.manager.prepareDomain(vm1);
  expect(await test.manager.prepareDomain(vm1)).toMatchObject({ groups: [A], devices: [] });
  await test.manager.releaseDomain(vm1);
  expect(await test.manager.releaseDomain(vm1)).toMatchObject({ groups: [], devices: [] });
});

it('stops only what it started', async () => {
  await createGroup(test.manager, 'transient', [A]);
  await test.manager.define([deviceXml(B, 'started'), deviceXml(C, 'started')]);
  await test.manager.start(B);
  test.createForeign(D);
  const vm1 = domainXml('vm1', [A, B, C, D]);
  expect(await test.manager.prepareDomain(vm1)).toMatchObject({
    groups: ['transient', 'started'],
    devices: [{ uuid: C }],
  });
  expect(await test.manager.releaseDomain(vm1)).toMatchObject({ devices: [{ uuid: C }] });
  expect(active()).toEqual([A, B, D]);
  expect((await test.manager.info(D)).foreign).toBe(true);
});

it('leaves a device that was undefined meanwhile', async () => {
  await test.manager.define(deviceXml(A));
  const vm1 = domainXml('vm1', [A]);
  await test.manager.prepareDomain(vm1);
  await test.manager.undefine(A);
  await test.manager.releaseDomain(vm1);
  expect(active()).toEqual([A]);
});

it('stops a device whose definition cannot be read any more', async () => {
  await test.manager.define(deviceXml(A));
  const vm1 = domainXml('vm1', [A]);
  await test.manager.prepareDomain(vm1);
  const [parent] = test.host.devices().items.map(({ ref }) => ref.parent);
  writeFiles(test.folder, { [`etc/mdevctl.d/${parent}/${A}`]: '{' });
  await test.manager.releaseDomain(vm1);
  expect(active()).toEqual([]);
});

it('leaves a claim as it was', async () => {
  await test.manager.define(deviceXml(A, 'g'));
  await test.manager.claim('g', { name: 'vm1' });
  await test.manager.prepareDomain(domainXml('vm1', [A]));
  await test.manager.releaseDomain(domainXml('vm1', [A]));
  expect(active()).toEqual([]);
  expect(await test.manager.group('g')).toMatchObject({ owner: { name: 'vm1', by: 'claim' } });
});

describe('a domain does not start', () => {
  it('with a device that is nowhere, and nothing is started for it', async () => {
    await test.manager.define(deviceXml(A));
    await expect(test.manager.prepareDomain(domainXml('vm1', [A, B]))).rejects.toMatchObject({
      code: 'device-inactive',
      message: `mediated device '${B}' not found: it was never defined`,
    });
    expect(active()).toEqual([]);
  });

  it('when the kernel refuses one of its devices, and none is left', async () => {
    await test.manager.define([A, B, C, D, uuidOf(5)].map((uuid) => deviceXml(uuid, 'g')));
    const uuids = [A, B, C, D, uuidOf(5)];
    await expect(test.manager.prepareDomain(domainXml('vm1', uuids))).rejects.toMatchObject({
      code: expect.stringMatching(/no-instances|host-refused/u),
    });
    expect(active()).toEqual([]);
    expect((await test.manager.group('g')).owner).toBeUndefined();
  });

  it.each([
    ['was lent', () => test.manager.prepareDomain(domainXml('vm2', [A]))],
    ['belongs', () => test.manager.claim('g', { name: 'vm2' })],
  ])('when a group of its own %s to another domain', async (_, take) => {
    await test.manager.define(deviceXml(A, 'g'));
    await test.manager.define(deviceXml(B, 'h'));
    await take();
    const before = active();
    await expect(test.manager.prepareDomain(domainXml('vm1', [B, A]))).rejects.toMatchObject({
      code: 'group-member',
      issues: [], // nothing was begun, so there was nothing to undo
    });
    expect(active()).toEqual(before);
    // libvirt calls the script at the end of a start that failed, too
    await test.manager.releaseDomain(domainXml('vm1', [B, A]));
    expect(await test.manager.group('g')).toMatchObject({ owner: { name: 'vm2' } });
  });

  it('without being a domain', async () => {
    await expect(test.manager.prepareDomain('<domain><name>vm1')).rejects.toMatchObject({
      code: 'domain-invalid',
    });
  });
});

it('lets another domain have them after the end', async () => {
  await test.manager.define(deviceXml(A));
  await test.manager.prepareDomain(domainXml('vm1', [A]));
  await test.manager.releaseDomain(domainXml('vm1', [A]));
  await test.manager.prepareDomain(domainXml('vm2', [A]));
  expect(await test.manager.group(A)).toMatchObject({ owner: { name: 'vm2' } });
});

it('takes the groups back even when a device cannot be stopped', async () => {
  await test.manager.define(deviceXml(A));
  await test.manager.prepareDomain(domainXml('vm1', [A]));
  await test.manager.startDomain(domainXml('vm1', [A]));
  await expect(test.manager.releaseDomain(domainXml('vm1', [A]))).rejects.toMatchObject({
    code: 'in-use',
  });
  await test.manager.stopDomain('vm1');
  expect((await test.manager.group(A)).owner).toBeUndefined();
});

it('releases what a domain no longer has at its end', async () => {
  await test.manager.define(deviceXml(A));
  await test.manager.prepareDomain(domainXml('vm1', [A]));
  await test.manager.releaseDomain(domainXml('vm1', []));
  expect(active()).toEqual([]);
});

it('ends a loan by hand, when its end was never reported', async () => {
  await test.manager.define(deviceXml(A));
  await test.manager.prepareDomain(domainXml('vm1', [A]));
  await test.manager.release(A);
  expect((await test.manager.group(A)).owner).toBeUndefined();
});

it.each(['releaseDomain', 'gc'] as const)(
  '%s does not take a record that may not be read, if only once, for one that is not there',
  async (method) => {
    await test.manager.define(deviceXml(A, 'g'));
    const vm1 = domainXml('vm1', [A]);
    await test.manager.prepareDomain(vm1);
    let isStruck = false;
    const restore = interceptFs((call) => {
      if (isStruck || call.name !== 'openSync' || !String(call.args[0]).endsWith('active.json'))
        return;
      isStruck = true;
      throw injected('EACCES', call);
    });
    const ended =
      method === 'gc' ? test.manager.gc({ olderThan: 0 }) : test.manager.releaseDomain(vm1);
    await expect(ended.finally(restore)).rejects.toMatchObject({ code: 'permission-denied' });
    expect(await test.manager.releaseDomain(vm1)).toMatchObject({ devices: [{ uuid: A }] });
  },
);
