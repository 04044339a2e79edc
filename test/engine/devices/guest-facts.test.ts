import { join } from 'node:path';
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it, onTestFinished } from 'vitest';
import type { Issue } from '../../../src/errors.ts';
import { connect } from '../../../src/index.ts';
import { writeFiles } from '../../support/file-tree.ts';
import { examined, present, sampleHost, uuidOf } from '../doctor/hosts.ts';
import { domainXml } from '../ownership/support.ts';

const [A, B] = [uuidOf(1), uuidOf(2)];

const vgpu = (uuid: string): string =>
  `<device><parent>pci_0000_86_00_0</parent><capability type='mdev'><type id='nvidia-18'/><uuid>${uuid}</uuid></capability></device>`;

it('what guests see of a type is kept with a definition, and said when a driver update changed it', async () => {
  const { folder, host } = sampleHost('nvidia-m60');
  const reported: Issue[] = [];
  const uri = `sim://${folder}`;
  const manager = await connect(uri, { report: (issue) => void reported.push(issue) });
  onTestFinished(() => manager.close());
  await manager.define(vgpu(A));
  await manager.create(vgpu(B));
  const store = readFileSync(join(folder, 'var/lib/virt-nodedev/persistent.json'), 'utf8');
  expect(store).toMatch(/"framebuffer": ?"2048 MiB"/);
  // mdevctl's file is mdevctl's.
  const definition = readFileSync(join(folder, 'etc/mdevctl.d/0000:86:00.0', A), 'utf8');
  expect(definition).toBe('{\n  "mdev_type": "nvidia-18",\n  "start": "manual",\n  "attrs": []\n}');
  await manager.start(A);
  await manager.destroy(A);
  expect(reported).toEqual([]);
  expect((await examined(uri)).map(({ code }) => code)).toEqual(['doctor-without-owner']);

  // A driver update: what is only about sharing the GPU, such as max_instance, is no matter of guests.
  const type = present(host.parent('0000:86:00.0')).path;
  const file = join(folder, type, 'mdev_supported_types/nvidia-18/description');
  const text = readFileSync(file, 'utf8');
  expect(text).toContain('num_heads=4, frl_config=60, framebuffer=2048M');
  writeFileSync(file, text.replace(/max_instance=\d+/, 'max_instance=9'));
  await manager.start(A);
  await manager.destroy(A);
  expect(reported).toEqual([]);
  writeFileSync(file, text.replace('num_heads=4', 'num_heads=2').replace('2048M', '1024M'));

  const message = `'mdev_${A.replaceAll('-', '_')}_0000_86_00_0': guests see another nvidia-18 than when it was defined: framebuffer 1024 MiB, was 2048 MiB; heads 2, was 4`;
  expect(await examined(uri)).toMatchObject([
    { code: 'doctor-without-owner' },
    { code: 'doctor-type-changed', severity: 'warning', message },
  ]);
  writeFiles(folder, { 'etc/libvirt/hooks/qemu': '#!/bin/sh\nvirt-nodedev libvirt-hook "$@"\n' });
  const said = async (): Promise<readonly Issue[]> =>
    (await manager.validate(domainXml('vm', [A])))[0]?.issues.filter(
      ({ code }) => code === 'mdev-type-differs',
    ) ?? [];
  expect(await said()).toMatchObject([{ severity: 'warning', message }]);
  await manager.start(A);
  expect(reported.splice(0)).toMatchObject([{ severity: 'warning', message }]);
  expect(await said()).toMatchObject([{ message }]); // also while it is active
  await manager.destroy(A);

  // Defined again, it is as it is now.
  await manager.undefine(A);
  await manager.define(vgpu(A));
  await manager.start(A);
  expect(reported).toEqual([]);
});
