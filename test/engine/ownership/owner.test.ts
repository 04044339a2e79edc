import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { writeFiles } from '../../support/file-tree.ts';
import { createGroup, domainUuid, domainXml, type TestHost, testHost, uuidOf } from './support.ts';

const [A, B, C] = [uuidOf(1), uuidOf(2), uuidOf(3)];

let test: TestHost;
beforeEach(async () => {
  test = await testHost();
});

const ref = (name: string): { name: string; uuid: string } => ({ name, uuid: domainUuid(name) });
const ownerOf = async (group: string): Promise<unknown> => (await test.manager.group(group)).owner;

describe('whose a group is', () => {
  beforeEach(() => createGroup(test.manager, 'g', [A, B]));

  it('nobody’s at first', async () => {
    expect(await ownerOf('g')).toBeUndefined();
  });

  it('the domain’s whose configuration names a member', async () => {
    test.writeDomain('defined', 'vm1', [B]);
    expect(await ownerOf('g')).toEqual({ ...ref('vm1'), by: 'defined' });
    expect(await test.manager.info(A)).toMatchObject({ owner: { name: 'vm1', by: 'defined' } });
  });

  it('not guessed when two configurations name it', async () => {
    test.writeDomain('defined', 'vm1', [A]);
    test.writeDomain('defined', 'vm2', [B]);
    expect(await ownerOf('g')).toBeUndefined();
  });

  it('the running domain’s before a defined one’s', async () => {
    test.writeDomain('defined', 'vm1', [A]);
    test.writeDomain('running', 'vm2', [A]);
    expect(await ownerOf('g')).toEqual({ ...ref('vm2'), by: 'running' });
  });

  it('one domain’s, running and defined', async () => {
    test.writeDomain('defined', 'vm1', [A, B]);
    test.writeDomain('running', 'vm1', [A, B]);
    expect(await ownerOf('g')).toEqual({ ...ref('vm1'), by: 'running' });
  });

  it('the domain’s that has a member open before what files say', async () => {
    await test.manager.startDomain(domainXml('vm1', [A]));
    test.writeDomain('running', 'vm2', [A]);
    expect(await ownerOf('g')).toEqual({ name: 'vm1', by: 'open' });
  });

  it('the claiming domain’s before everybody else’s', async () => {
    await test.manager.claim('g', ref('vm1'));
    test.writeDomain('running', 'vm2', [A]);
    expect(await ownerOf('g')).toEqual({ ...ref('vm1'), by: 'claim' });
  });

  it.each(['autostart/vm1.xml', 'networks/default.xml', 'vm1.xml.bak', 'vm1'])(
    'told by no %s',
    async (name) => {
      writeFiles(test.folder, { [`etc/libvirt/qemu/${name}`]: domainXml('vm1', [A]) });
      mkdirSync(join(test.folder, 'etc/libvirt/qemu/folder.xml'));
      expect(await ownerOf('g')).toBeUndefined();
      expect(await test.manager.doctor()).toMatchObject([{ code: 'doctor-without-owner' }]);
    },
  );

  it('found beside files that cannot be read', async () => {
    test.writeDomain('defined', 'vm1', [A]);
    const folder = join(test.folder, 'etc/libvirt/qemu');
    writeFileSync(join(folder, 'a-broken.xml'), '<domain><name>x');
    writeFileSync(join(folder, 'b-large.xml'), domainXml('vm2', [A]) + ' '.repeat(5_000_000));
    symlinkSync('vm1.xml', join(folder, 'c-link.xml'));
    writeFileSync(join(folder, 'd-empty.xml'), '');
    expect(await ownerOf('g')).toMatchObject({ name: 'vm1' });
  });

  it('unknown, and no error, where the files may not be read', async () => {
    test.writeDomain('defined', 'vm1', [A]);
    chmodSync(join(test.folder, 'etc/libvirt/qemu/vm1.xml'), 0o000);
    expect(await ownerOf('g')).toBeUndefined();
  });
});

it('of each device in a list, when details are asked for', async () => {
  await createGroup(test.manager, 'g', [A, B]);
  test.createForeign(uuidOf(3));
  test.writeDomain('defined', 'vm1', [A]);
  test.writeDomain('defined', 'vm3', [uuidOf(3)]);
  const owners = async (details?: boolean): Promise<readonly unknown[]> =>
    (await test.manager.list({ capabilities: ['mdev'], details })).items.map(
      ({ owner }) => owner?.name,
    );
  expect(await owners()).toEqual([undefined, undefined, undefined]);
  expect(await owners(true)).toEqual(['vm1', 'vm1', 'vm3']);
});

it('of a group that is only defined', async () => {
  await test.manager.define([
    `<device><parent>pci_0000_86_00_0</parent><capability type='mdev'><type id='nvidia-18'/><uuid>${A}</uuid><group>g</group></capability></device>`,
  ]);
  test.writeDomain('defined', 'vm1', [A]);
  expect(await ownerOf('g')).toMatchObject({ name: 'vm1', by: 'defined' });
});

describe('claiming', () => {
  beforeEach(() => createGroup(test.manager, 'g', [A, B]));

  it('has one winner of two domains', async () => {
    const claims = ['vm1', 'vm2'].map((name) => test.manager.claim('g', ref(name)));
    const results = await Promise.allSettled(claims);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(results[1]).toMatchObject({ reason: { code: 'group-owned' } });
    expect(await ownerOf('g')).toEqual({ ...ref('vm1'), by: 'claim' });
  });

  it('takes a group from a configuration, not from a running domain', async () => {
    test.writeDomain('defined', 'vm1', [A]);
    expect(await test.manager.claim('g', ref('vm2'))).toMatchObject({ owner: { name: 'vm2' } });
    await test.manager.release('g');
    test.writeDomain('running', 'vm1', [A]);
    await expect(test.manager.claim('g', ref('vm2'))).rejects.toMatchObject({
      code: 'group-owned',
      message: "group 'g' belongs to domain 'vm1', which is running",
    });
    await expect(test.manager.release('g')).rejects.toMatchObject({ code: 'group-owned' });
  });

  it('of several devices claims all their groups or none', async () => {
    await createGroup(test.manager, 'h', [C]);
    await test.manager.claim('h', ref('vm2'));
    await expect(test.manager.claimDevices([A, C], ref('vm1'))).rejects.toMatchObject({
      code: 'group-owned',
    });
    expect(await ownerOf('g')).toBeUndefined();
    await test.manager.release('h');
    const claimed = await test.manager.claimDevices([A, B, C], ref('vm1'));
    expect(claimed.map(({ name }) => name)).toEqual(['g', 'h']);
    expect(await test.manager.claimDevices([A, C], ref('vm1'))).toEqual([]);
  });

  it('is not undone for a group that was only found', async () => {
    test.writeDomain('defined', 'vm1', [A]);
    await expect(test.manager.release('g')).rejects.toMatchObject({
      code: 'group-owned',
      message: expect.stringContaining('/etc/libvirt/qemu/vm1.xml'),
    });
  });
});

describe('destroying', () => {
  beforeEach(() => createGroup(test.manager, 'g', [A, B]));
  const left = async (): Promise<unknown> =>
    (await test.manager.list({ capabilities: ['mdev'] })).items.map(({ uuid }) => uuid);

  it('refuses what a domain runs with, open or not', async () => {
    test.writeDomain('running', 'vm1', [A]);
    await expect(test.manager.destroyGroup('g')).rejects.toMatchObject({
      code: 'group-owned',
      message: "group 'g' belongs to domain 'vm1', which is running",
    });
    await expect(test.manager.destroy(B)).rejects.toMatchObject({ code: 'group-owned' });
    expect(await left()).toEqual([A, B]);
  });

  it('refuses a part of what a configuration names, and says the rest', async () => {
    test.writeDomain('defined', 'vm1', [A, B]);
    await expect(test.manager.destroy(A)).rejects.toMatchObject({
      code: 'domain-incomplete',
      hint: expect.stringContaining(B.replaceAll('-', '_')),
    });
    expect(await left()).toEqual([A, B]);
  });

  it('destroys all that a configuration names', async () => {
    test.writeDomain('defined', 'vm1', [A, B]);
    await test.manager.destroyGroup('g');
    expect(await left()).toEqual([]);
  });

  it('counts what is active of a configuration, whatever its groups', async () => {
    test.writeDomain('defined', 'vm1', [A, C]);
    await test.manager.destroy(A);
    await createGroup(test.manager, 'h', [C]);
    test.writeDomain('defined', 'vm1', [B, C]);
    await expect(test.manager.destroyGroup('h')).rejects.toMatchObject({
      code: 'domain-incomplete',
    });
    await test.manager.destroy([B, C]);
    expect(await left()).toEqual([]);
  });
});

it('lets a domain start with devices that another’s configuration names', async () => {
  await createGroup(test.manager, 'g', [A, B]);
  test.writeDomain('defined', 'vm1', [A, B]);
  expect(await test.manager.startDomain(domainXml('vm2', [A, B]))).toHaveLength(2);
});
