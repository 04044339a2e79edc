import { beforeEach, describe, expect, it } from 'vitest';
import { writeFiles } from '../../support/file-tree.ts';
import { createGroup, deviceXml, present, type TestHost, testHost, uuidOf } from './support.ts';

const [A, B] = [uuidOf(1), uuidOf(2)];
const FOREIGN = { code: 'device-foreign', hint: expect.stringContaining('the option `adopt`') };

let test: TestHost;
beforeEach(async () => {
  test = await testHost();
});

const isForeign = async (uuid: string): Promise<unknown> => (await test.manager.info(uuid)).foreign;
const defineAsMdevctl = (uuid: string): void =>
  writeFiles(test.folder, {
    [`etc/mdevctl.d/0000:86:00.0/${uuid}`]: '{"mdev_type":"nvidia-18","start":"manual"}',
  });

/** As mdevctl at boot, or libvirt. */
function startAsOthers(uuid: string): void {
  const device = test.host.find(uuid);
  if (device !== undefined) test.host.remove(device);
  test.createForeign(uuid);
}

describe('whose a device is', () => {
  it('ours when we created it', async () => {
    await createGroup(test.manager, 'g', [A]);
    expect(await isForeign(A)).toBe(false);
  });

  it('others’ when they did, defined by them or not', async () => {
    test.createForeign(A);
    defineAsMdevctl(B);
    test.createForeign(B);
    expect([await isForeign(A), await isForeign(B)]).toEqual([true, true]);
  });

  it('ours when we defined it, whoever starts it', async () => {
    await test.manager.define(deviceXml(A, 'g'));
    test.createForeign(A);
    expect(await isForeign(A)).toBe(false);
    expect(await test.manager.group('g')).toMatchObject({ members: [{ uuid: A, active: true }] });
  });

  it('ours when we start what they defined', async () => {
    defineAsMdevctl(A);
    await test.manager.start(A);
    expect(await isForeign(A)).toBe(false);
  });

  it('others’ when it stands in the place of ours', async () => {
    await createGroup(test.manager, 'g', [A]);
    test.host.remove(present(test.host.find(A)));
    test.host.create(present(test.host.parent('0000:87:00.0')), 'nvidia-18', A);
    expect(await isForeign(A)).toBe(true);
  });

  it('nothing that is reported of a definition', async () => {
    await test.manager.define(deviceXml(A));
    expect(await isForeign(A)).toBeUndefined();
  });
});

describe('others’ devices', () => {
  beforeEach(() => test.createForeign(A));

  it('are listed, shown and found', async () => {
    const { items } = await test.manager.list({ capabilities: ['mdev'] });
    expect(items).toMatchObject([{ uuid: A, group: undefined }]);
    expect(await test.manager.dumpxml(A)).toContain(A);
  });

  it('are destroyed only to be adopted', async () => {
    await expect(test.manager.destroy(A)).rejects.toMatchObject(FOREIGN);
    expect(test.host.find(A)).toBeDefined();
    await test.manager.destroy(A, { adopt: true });
    expect(test.host.find(A)).toBeUndefined();
  });

  it('keep ours from being destroyed beside them', async () => {
    await createGroup(test.manager, 'g', [B]);
    await expect(test.manager.destroy([B, A])).rejects.toMatchObject(FOREIGN);
    expect(test.host.find(B)).toBeDefined();
  });

  it('are changed only to be adopted, and are ours then', async () => {
    const xml = deviceXml(A).replace('</uuid>', '</uuid><params>frame_rate_limiter=0</params>');
    await expect(test.manager.update(A, xml)).rejects.toMatchObject(FOREIGN);
    await test.manager.update(A, xml, { adopt: true });
    expect(await isForeign(A)).toBe(false);
    expect(await test.manager.dumpxml(A)).toContain('frame_rate_limiter=0');
    await test.manager.destroy(A);
  });

  it('are defined only to be adopted, since that puts them into a group', async () => {
    await expect(test.manager.define(deviceXml(A, 'g'))).rejects.toMatchObject(FOREIGN);
    await test.manager.define(deviceXml(A, 'g'), { adopt: true });
    expect(await test.manager.group('g')).toMatchObject({
      number: 1,
      members: [{ uuid: A, active: true }],
    });
    await test.manager.undefine(A);
    expect(await isForeign(A)).toBe(false);
  });

  it('are claimed by their own name, and only to be adopted', async () => {
    await expect(test.manager.claim(A, { name: 'vm1' })).rejects.toMatchObject(FOREIGN);
    expect(await test.manager.claim(A, { name: 'vm1' }, { adopt: true })).toMatchObject({
      name: A,
      owner: { name: 'vm1', by: 'claim' },
      members: [{ uuid: A }],
    });
    await expect(test.manager.destroy(A)).rejects.toMatchObject({ code: 'group-owned' });
  });

  it('are not claimed with ours', async () => {
    await createGroup(test.manager, 'g', [B]);
    await expect(test.manager.claimDevices([B, A], { name: 'vm1' })).rejects.toMatchObject(FOREIGN);
    expect((await test.manager.group('g')).owner).toBeUndefined();
    await test.manager.claimDevices([B, A], { name: 'vm1' }, { adopt: true });
    expect(await test.manager.info(A)).toMatchObject({ foreign: false, owner: { name: 'vm1' } });
  });

  it('do not become ours by an update of their definition', async () => {
    defineAsMdevctl(A);
    await test.manager.update(A, deviceXml(A), { config: true });
    expect(await isForeign(A)).toBe(true);
  });
});

it('adopts a definition that is claimed', async () => {
  defineAsMdevctl(A);
  await expect(test.manager.claimDevices([A], { name: 'vm1' })).rejects.toMatchObject(FOREIGN);
  await test.manager.claimDevices([A], { name: 'vm1' }, { adopt: true });
  expect(await test.manager.group(A)).toMatchObject({ owner: { name: 'vm1' } });
});

it('keeps a device that others started in its group when its definition goes', async () => {
  await test.manager.define([deviceXml(A, 'g'), deviceXml(B, 'g')]);
  startAsOthers(A);
  await test.manager.undefine([A, B]);
  expect(await test.manager.group('g')).toMatchObject({ members: [{ uuid: A, active: true }] });
});
