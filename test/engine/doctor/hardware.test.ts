import { readdirSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sampleProfiles } from '../../../src/host/simulated/samples.ts';
import { writeFiles } from '../../support/file-tree.ts';
import { examined, gpu, present, rootWith, sampleHost, uuidOf } from './hosts.ts';

describe('the doctor on a host without parents', () => {
  it('reports every reason as an error', async () => {
    const root = rootWith({
      ...gpu('0000:00:02.0', { vendor: '0x8086', driver: 'i915' }),
      ...gpu('0000:41:00.0', { vendor: '0x10de', driver: 'nvidia' }),
    });
    expect(await examined(`sysfs://${root}`)).toEqual([
      {
        code: 'doctor-no-mdev-support',
        severity: 'error',
        message: expect.stringMatching(/no mediated device support: .*vGPU manager/),
        hint: expect.stringContaining('sim:'),
        location: undefined,
      },
      expect.objectContaining({
        code: 'doctor-no-mdev-support',
        severity: 'error',
        message: expect.stringContaining('kvmgt'),
      }),
    ]);
  });
});

describe('the doctor on a host as it should be', () => {
  it.each(sampleProfiles())('finds nothing wrong with %s', async (name) => {
    const { folder } = sampleHost(name);
    const findings = await examined(`sim://${folder}`);
    expect(findings.filter(({ severity }) => severity !== 'notice')).toEqual([]);
  });

  it('reports which parents libvirt does not list', async () => {
    const { folder } = sampleHost('kernel-samples');
    const findings = await examined(`sim://${folder}`);
    expect(findings.map(({ code, severity, message }) => [code, severity, message])).toEqual([
      ['doctor-hidden-from-libvirt', 'notice', expect.stringContaining('mbochs_mbochs')],
      ['doctor-hidden-from-libvirt', 'notice', expect.stringContaining('mdpy_mdpy')],
    ]);
  });

  it('reports other hardware that has none', async () => {
    const { folder } = sampleHost('nvidia-m60');
    writeFiles(folder, gpu('0000:00:02.0', { vendor: '0x8086', driver: 'i915' }));
    expect(await examined(`sysfs://${folder}`)).toMatchObject([
      {
        code: 'doctor-hardware-without-mdev',
        severity: 'notice',
        message: expect.stringContaining('0000:00:02.0'),
      },
    ]);
  });
});

describe('the doctor on a damaged tree', () => {
  it('names what cannot be read and goes on', async () => {
    const sample = sampleHost('nvidia-m60');
    const { folder } = sample;
    const types = typesOf(sample, '0000:86:00.0');
    unlinkSync(join(types, 'nvidia-11/available_instances')); // read-only: only root could write to it
    writeFileSync(join(types, 'nvidia-11/available_instances'), 'many\n');
    symlinkSync('../../devices/gone', join(folder, 'sys/class/mdev_bus/0000:99:00.0'));
    expect(await examined(`sysfs://${folder}`)).toEqual([
      expect.objectContaining({
        code: 'doctor-unreadable',
        severity: 'warning',
        message: expect.stringMatching(/cannot read .*: ENOENT$/),
      }),
      expect.objectContaining({
        code: 'doctor-unreadable',
        message: expect.stringMatching(/nvidia-11\/available_instances: EBADMSG$/),
        hint: expect.stringContaining('does not say what the kernel says'),
      }),
    ]);
  });

  it('finds a parent without types', async () => {
    const sample = sampleHost('nvidia-m60');
    const types = typesOf(sample, '0000:86:00.0');
    for (const name of readdirSync(types)) rmSync(join(types, name), { recursive: true });
    expect(await examined(`sysfs://${sample.folder}`)).toMatchObject([
      {
        code: 'doctor-parent-without-types',
        severity: 'warning',
        message: expect.stringContaining('pci_0000_86_00_0'),
      },
    ]);
  });

  it('finds types without instances that nobody uses', async () => {
    const sample = sampleHost('nvidia-t4');
    const types = typesOf(sample, '0000:3b:00.0');
    for (const name of readdirSync(types)) {
      unlinkSync(join(types, name, 'available_instances'));
      writeFileSync(join(types, name, 'available_instances'), '0\n');
    }
    expect(await examined(`sysfs://${sample.folder}`)).toMatchObject([
      {
        code: 'doctor-parent-blocked',
        severity: 'warning',
        message: expect.stringContaining('pci_0000_3b_00_0'),
      },
    ]);
  });
});

describe('the doctor on a full card', () => {
  it('names who uses it, with their domains', async () => {
    const { folder, host } = sampleHost('kernel-samples');
    const mdpy = host.parent('mdpy');
    const uuids = [1, 2, 3, 4].map(uuidOf);
    for (const uuid of uuids) host.create(present(mdpy), 'mdpy-vga', uuid);
    host.open([present(host.find(uuidOf(1)))], { domain: 'vm1' });
    const findings = await examined(`sim://${folder}`);
    expect(findings.filter(({ code }) => code === 'doctor-parent-full')).toEqual([
      expect.objectContaining({
        severity: 'notice',
        message: `mdpy_mdpy: no type has an instance left; used by ${uuids
          .map(
            (uuid, index) =>
              `mdev_${uuid.replaceAll('-', '_')}_mdpy${index === 0 ? " (domain 'vm1')" : ''}`,
          )
          .join(', ')}`,
      }),
    ]);
  });

  it('counts the functions of one GPU as one card, and lists no more than a person reads', async () => {
    const { folder, host } = sampleHost('nvidia-a40');
    const functions = host.parents().items;
    for (const [index, parent] of functions.slice(0, 12).entries()) {
      host.create(parent, 'nvidia-560', uuidOf(index));
    }
    const before = await examined(`sim://${folder}`);
    const full = before.filter(({ code }) => code.startsWith('doctor-parent'));
    expect(full.map(({ code, message }) => [code, message.replace(/mdev_\w+/g, 'X')])).toEqual([
      [
        'doctor-parent-full',
        expect.stringMatching(
          /^pci_0000_41_00_4 and 31 more of its card: .*used by (X, ){7}X and 4 more$/,
        ),
      ],
    ]);
  });
});

/** The directory of a parent's types on disk. */
function typesOf({ folder, host }: ReturnType<typeof sampleHost>, address: string): string {
  const parent = present(host.parent(address));
  return join(folder, parent.path, 'mdev_supported_types');
}
