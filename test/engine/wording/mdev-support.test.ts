import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { connect } from '../../../src/index.ts';
import type { Issue } from '../../../src/errors.ts';
import { makeSimulatedHost } from '../../../src/host/simulated/init.ts';
import type { FileTree } from '../../support/file-tree.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { gpu, rootWith } from '../doctor/hosts.ts';

const NVIDIA = '0x10de';
const INTEL = '0x8086';
const MDEV: FileTree = { 'sys/bus/mdev/devices/': '', 'sys/class/mdev_bus/': '' };
const MANAGER: FileTree = { 'sys/module/nvidia_vgpu_vfio/': '' };

interface Case {
  readonly what: string;
  readonly files: FileTree;
  readonly says: RegExp;
  readonly hint: RegExp;
}

const CASES: readonly Case[] = [
  {
    what: 'no sysfs',
    files: { 'etc/hostname': 'x\n' },
    says: /no Linux sysfs in \//,
    hint: /sys\//,
  },
  {
    what: 'no mdev module',
    files: { 'sys/bus/pci/devices/': '' },
    says: /mdev module is not loaded/,
    hint: /mtty/,
  },
  { what: 'no registered parent', files: MDEV, says: /no driver has registered/, hint: /dmesg/ },
  {
    what: 'a GPU without a driver',
    files: gpu('0000:41:00.0', { vendor: NVIDIA }),
    says: /NVIDIA GPU 0000:41:00.0: no driver/,
    hint: /vGPU manager/,
  },
  {
    what: 'a GPU bound to another driver',
    files: gpu('0000:41:00.0', { vendor: NVIDIA, driver: 'nouveau' }),
    says: /bound to nouveau/,
    hint: /vGPU manager/,
  },
  {
    what: "NVIDIA's plain driver",
    files: gpu('0000:41:00.0', { vendor: NVIDIA, driver: 'nvidia' }),
    says: /without its vGPU manager/,
    hint: /vGPU manager for KVM/,
  },
  {
    what: 'virtual functions that are off',
    files: gpu('0000:41:00.0', {
      vendor: NVIDIA,
      driver: 'nvidia',
      files: { sriov_totalvfs: '32\n', sriov_numvfs: '0\n' },
    }),
    says: /virtual functions, which have the vGPUs, are off/,
    hint: /sriov-manage -e 0000:41:00.0/,
  },
  {
    what: 'a manager that offers nothing',
    files: {
      ...MANAGER,
      ...gpu('0000:41:00.0', {
        vendor: NVIDIA,
        driver: 'nvidia',
        files: { sriov_totalvfs: '32\n', sriov_numvfs: '32\n' },
      }),
    },
    says: /offers no type/,
    hint: /MIG/,
  },
  {
    what: 'GVT-g that is switched off',
    files: {
      ...gpu('0000:00:02.0', { vendor: INTEL, driver: 'i915' }),
      'sys/module/i915/parameters/enable_gvt': 'N\n',
      'sys/module/kvmgt/': '',
    },
    says: /GVT-g is off/,
    hint: /i915.enable_gvt=1/,
  },
  {
    what: 'GVT-g without kvmgt',
    files: gpu('0000:00:02.0', { vendor: INTEL, driver: 'i915' }),
    says: /kvmgt is not loaded/,
    hint: /modprobe kvmgt/,
  },
  {
    what: 'GVT-g that offers nothing',
    files: { ...gpu('0000:00:02.0', { vendor: INTEL, driver: 'i915' }), 'sys/module/kvmgt/': '' },
    says: /kvmgt is loaded/,
    hint: /dmesg/,
  },
  {
    what: 's390 crypto without vfio_ap',
    files: { 'sys/bus/ap/': '' },
    says: /vfio_ap is not loaded/,
    hint: /modprobe vfio_ap.*chzdev/,
  },
  {
    what: 'subchannels without vfio_ccw',
    files: { 'sys/bus/css/devices/0.0.0052/': '' },
    says: /vfio_ccw is not loaded/,
    hint: /modprobe vfio_ccw/,
  },
  {
    what: 'subchannels of other drivers',
    files: { 'sys/bus/css/drivers/vfio_ccw/bind': '' },
    says: /no subchannel is bound/,
    hint: /driverctl/,
  },
  {
    what: 'a GPU of a vendor without mediated devices',
    files: { ...MDEV, ...gpu('0000:03:00.0', { vendor: '0x1002', driver: 'amdgpu' }) },
    says: /no driver has registered/,
    hint: /dmesg/,
  },
];

/** What is told of an empty list, of devices and of types. */
async function toldOf(root: string): Promise<readonly Issue[]> {
  const told: Issue[] = [];
  const manager = await connect(`sysfs://${root}`, { report: (issue) => void told.push(issue) });
  expect((await manager.list({ capabilities: ['mdev'] })).items).toEqual([]);
  const list = told.splice(0);
  expect((await manager.types()).items).toEqual([]);
  expect(told).toEqual(list);
  return list;
}

describe('a host without mediated devices', () => {
  it.each(CASES)('says why: $what', async ({ files, says, hint }) => {
    const [told] = await toldOf(rootWith(files));
    expect(told).toMatchObject({
      code: 'no-mdev-support',
      severity: 'notice',
      message: expect.stringMatching(says),
      hint: expect.stringMatching(hint),
    });
  });

  it('says it whatever is asked of it, names sim:, and writes nothing', async () => {
    const root = rootWith(MDEV);
    const manager = await connect(`sysfs://${root}`);
    const xml =
      "<device><parent>pci_0000_86_00_0</parent><capability type='mdev'><type id='nvidia-18'/></capability></device>";
    const attempts = [
      () => manager.types({ parent: 'pci_0000_86_00_0' }),
      () => manager.create(xml),
      () => manager.define(xml),
      () => manager.startParent('0000:86:00.0'),
    ];
    for (const attempt of attempts) {
      await expect(attempt()).rejects.toMatchObject({
        code: 'no-mdev-support',
        hint: expect.stringMatching(/initSimulatedHost.*connect\('sim:/),
      });
    }
    expect(existsSync(join(root, 'run'))).toBe(false);
    expect(await manager.list({ state: 'inactive' })).toEqual({ items: [], problems: [] });
  });

  it('names every reason: the likeliest in the message, the others as issues', async () => {
    const root = rootWith({
      ...gpu('0000:00:02.0', { vendor: INTEL, driver: 'i915' }),
      ...gpu('0000:41:00.0', { vendor: NVIDIA, driver: 'nouveau' }),
    });
    expect(await toldOf(root)).toMatchObject([
      { severity: 'notice', message: expect.stringContaining('nouveau') },
      { severity: 'notice', message: expect.stringContaining('kvmgt') },
    ]);
  });

  it('is nothing to complain about when it is simulated: its profile says so', async () => {
    const folder = temporaryFolder();
    makeSimulatedHost(folder, '<host><name>bare</name></host>');
    const manager = await connect(`sim://${folder}`);
    expect((await manager.list()).items).toMatchObject([{ name: 'computer' }]);
    expect(await manager.types()).toEqual({ items: [], problems: [] });
    expect(await manager.doctor()).toEqual([]);
  });
});
