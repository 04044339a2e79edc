import { chmodSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writeFiles } from '../../support/file-tree.ts';
import {
  createGroup,
  deviceXml,
  domainUuid,
  domainXml,
  present,
  type TestHost,
  testHost,
  uuidOf,
} from '../ownership/support.ts';

const [A, B, C] = [uuidOf(1), uuidOf(2), uuidOf(3)];

const codes = async ({ manager }: TestHost): Promise<readonly string[]> =>
  (await manager.doctor()).map(({ code }) => code);

const withType = (uuid: string, type: string, group?: string): string =>
  deviceXml(uuid, group).replace('nvidia-18', type);

it('names an active device that no VM can open', async () => {
  const test = await testHost();
  await createGroup(test.manager, 'g', [A]);
  await test.manager.claim('g', { name: 'vm1' });
  expect(await codes(test)).toEqual([]);
  rmSync(join(test.folder, present(test.host.find(A)).path, 'driver'));
  expect(await test.manager.doctor()).toMatchObject([
    { code: 'doctor-device-unusable', message: expect.stringContaining('bound to no driver') },
  ]);
});

it('names a device whose file keeps its own owner out', async () => {
  const test = await testHost();
  await createGroup(test.manager, 'g', [A]);
  await test.manager.claim('g', { name: 'vm1' });
  const [node = ''] = test.host.details(present(test.host.find(A))).deviceNodes;
  chmodSync(join(test.folder, node), 0);
  expect(await test.manager.doctor()).toMatchObject([
    { code: 'doctor-device-unusable', message: expect.stringContaining('keeps its owner out') },
  ]);
});

it('names definitions with autostart that cannot all start, at once and afterwards', async () => {
  const reported: string[] = [];
  const test = await testHost({ report: ({ message }) => reported.push(message) });
  await test.manager.define(withType(A, 'nvidia-22'), { autostart: true });
  expect(reported).toEqual([]);
  await test.manager.define(withType(B, 'nvidia-22'), { autostart: true });
  expect(reported).toEqual([
    expect.stringMatching(/^1 of 2 definitions with autostart find no room at boot: mdev_/),
  ]);
  expect(await codes(test)).toEqual(['doctor-autostart-room']);
  await test.manager.autostart(B, false);
  expect(await codes(test)).toEqual([]);
  await test.manager.autostart(B, true);
  expect(reported).toHaveLength(2);
});

it('names a defined group that can never start, at once and afterwards', async () => {
  const reported: string[] = [];
  const test = await testHost({ report: ({ message }) => reported.push(message) });
  await test.manager.define(withType(A, 'nvidia-22', 'g'));
  expect(reported).toEqual([]);
  await test.manager.define(withType(B, 'nvidia-22', 'g'));
  expect(reported).toEqual([expect.stringMatching(/^group 'g' can never start/)]);
  expect(await test.manager.doctor()).toMatchObject([
    { code: 'doctor-group-room', message: expect.stringMatching(/^group 'g' can never start/) },
  ]);
});

it('names two domains of one uuid, and one that is given a GPU with vGPUs', async () => {
  const test = await testHost();
  await createGroup(test.manager, 'g', [C]);
  const whole =
    "<hostdev mode='subsystem' type='pci'><source><address domain='0x0000' bus='0x86' slot='0x00' function='0x0'/></source></hostdev>";
  const one = domainXml('vm1', [C]);
  writeFiles(test.folder, {
    'etc/libvirt/qemu/vm1.xml': one,
    'etc/libvirt/qemu/vm2.xml': one.replace('<name>vm1<', '<name>vm2<'),
    'etc/libvirt/qemu/vm3.xml': domainXml('vm3', []).replace('<devices>', `<devices>${whole}`),
  });
  const found = await test.manager.doctor();
  expect(found).toContainEqual(
    expect.objectContaining({
      code: 'doctor-two-domains',
      message: `domains 'vm1' and 'vm2' have mediated device ${C}`,
    }),
  );
  expect(found).toContainEqual(
    expect.objectContaining({
      code: 'doctor-domain-uuid',
      message: expect.stringContaining(`domain 'vm2' has the uuid ${domainUuid('vm1')}`),
    }),
  );
  expect(found).toContainEqual(
    expect.objectContaining({
      code: 'doctor-domain-cannot-start',
      message: expect.stringContaining('PCI device 0000:86:00.0 is given as a whole'),
    }),
  );
});
