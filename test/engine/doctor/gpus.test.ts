import { describe, expect, it } from 'vitest';
import type { FileTree } from '../../support/file-tree.ts';
import { writeFiles } from '../../support/file-tree.ts';
import { examined, gpu, rootWith, sampleHost } from './hosts.ts';

// What a GPU of today lacks, and which framework it has, by its files alone.

const PF = '0000:42:00.0';
const SYS = `sys/devices/pci0000:00/${PF}`;
const PROC: FileTree = {
  'proc/sys/kernel/osrelease': '6.8.12-8-pve\n',
  'sys/module/nvidia/version': '580.105.06\n',
};

/** A GPU with functions that have a list and a type each, and are bound to a driver. */
function withFunctions(list: string, types: readonly string[], driver = 'nvidia'): FileTree {
  const functions = types.map((type, index): FileTree => {
    const address = `0000:42:00.${index + 4}`;
    const own = {
      physfn: { link: `../${PF}` },
      ...(driver === 'nvidia'
        ? { 'nvidia/creatable_vgpu_types': list, 'nvidia/current_vgpu_type': type }
        : {}),
      device: '0x26b9\n',
    };
    return {
      ...gpu(address, { vendor: '0x10de', driver, files: own }),
      [`sys/bus/pci/drivers/${driver}/${address}`]: {
        link: `../../../../devices/pci0000:00/${address}`,
      },
      [`${SYS}/virtfn${index}`]: { link: `../${address}` },
    };
  });
  const own = gpu(PF, {
    vendor: '0x10de',
    driver: 'nvidia',
    files: { sriov_totalvfs: '32\n', sriov_numvfs: `${types.length}\n`, device: '0x26b9\n' },
  });
  return Object.fromEntries([PROC, own, ...functions].flatMap((tree) => Object.entries(tree)));
}

const told = async (files: FileTree): Promise<readonly (readonly [string, string, string])[]> =>
  (await examined(`sysfs://${rootWith(files)}`)).map(({ code, message, hint = '' }) => [
    code,
    message,
    hint,
  ]);
const LIST = 'ID    : vGPU Name\n1155  : NVIDIA L40S-24Q\n';
const HEADER = 'ID    : vGPU Name\n';

describe('which framework a GPU has', () => {
  it('functions with a type, with driver and kernel', async () => {
    const [found] = await told(withFunctions(LIST, ['0\n', '0\n']));
    expect(found).toEqual([
      'doctor-framework',
      `NVIDIA GPU ${PF} (PCI id 0x26b9): vGPUs are virtual functions with a type, not mediated devices, since the functions have nvidia/current_vgpu_type; 2 are on, 0 have a type; driver 580.105.06, Linux 6.8.12-8-pve`,
      expect.stringContaining("managed='no'"),
    ]);
  });

  it('the board by the name the driver has, else by its id', async () => {
    const named = {
      [`proc/driver/nvidia/gpus/${PF}/information`]: 'Model: \t\t NVIDIA L40S\nIRQ:   \t\t 16\n',
    };
    const [found] = await told({ ...withFunctions(LIST, ['1155\n']), ...named });
    expect(found?.[1]).toContain(`${PF} (NVIDIA L40S)`);
    expect(found?.[1]).toContain('1 are on, 1 have a type');
  });

  it('a GPU with mediated devices beside it is told, too; such a host alone says nothing', async () => {
    const { folder } = sampleHost('nvidia-m60');
    const codes = async () => (await examined(`sysfs://${folder}`)).map(({ code }) => code);
    expect(await codes()).not.toContain('doctor-framework');
    writeFiles(folder, withFunctions(LIST, ['0\n']));
    const found = (await examined(`sysfs://${folder}`)).filter(
      ({ code }) => code === 'doctor-framework',
    );
    expect(found.map(({ message }) => /mediated devices, since/.test(message))).toContain(true);
    expect(found.length).toBeGreaterThan(1);
  });

  it('a simulated host says the same', async () => {
    const { folder } = sampleHost('nvidia-l40s');
    expect((await examined(`sim://${folder}`)).map(({ code }) => code)).toEqual([
      'doctor-framework',
    ]);
  });
});

describe('what is missing, and the command for it', () => {
  const off = (more: FileTree = {}): FileTree => ({
    ...gpu(PF, {
      vendor: '0x10de',
      driver: 'nvidia',
      files: { sriov_totalvfs: '32\n', sriov_numvfs: '0\n' },
    }),
    ...more,
  });

  it('functions that are off', async () => {
    const [found] = await told(off());
    expect(found?.[1]).toMatch(/virtual functions, which have the vGPUs, are off/);
    expect(found?.[2]).toMatch(/^`\/usr\/lib\/nvidia\/sriov-manage -e 0000:42:00\.0`/);
  });

  it('what has the GPU open, since that prevents it', async () => {
    const [found] = await told(
      off({
        'proc/812/comm': 'nv-hostengine\n',
        'proc/812/fd/7': { link: '/dev/nvidia0' },
        'proc/813/comm': 'bash\n',
        'proc/813/fd/0': { link: '/dev/null' },
      }),
    );
    expect(found?.[2]).toMatch(
      /^stop what has the GPU open \(nv-hostengine \(812\)\), then `\/usr\/lib\/nvidia\/sriov-manage -e/,
    );
  });

  it.each([
    ['full', HEADER, ['1156\n', '0\n'], false],
    ['nothing, and no vGPU', HEADER, ['0\n', '0\n'], true],
    ['an empty file', '', ['0\n'], true],
    ['a list', LIST, ['0\n', '0\n'], false],
  ])('lists that are empty: %s', async (_, list, types, isTold) => {
    const found = await told(withFunctions(list, types));
    const about = found.filter(([, message]) => message.includes('offer no type'));
    expect(about).toHaveLength(isTold ? 1 : 0);
    expect(about.every(([, , hint]) => /nvidia-smi mig -cgi/.test(hint))).toBe(true);
  });

  it.each([
    ['nothing', {}, true],
    [
      'its unit',
      { 'etc/systemd/system/multi-user.target.wants/nvidia-sriov-manage@ALL.service': '' },
      false,
    ],
    [
      'a unit of the administrator',
      { 'etc/systemd/system/gpus.service': 'ExecStart=/usr/lib/nvidia/sriov-manage -e ALL\n' },
      false,
    ],
    ['another unit', { 'etc/systemd/system/x.service': 'ExecStart=/bin/true\n' }, true],
  ])('what enables the functions at the next boot: %s', async (_, files: FileTree, isTold) => {
    const tree = { 'etc/systemd/system/': '', ...withFunctions(LIST, ['0\n']), ...files };
    const found = await told(tree);
    const about = found.filter(([, message]) => message.includes('at the next boot'));
    expect(about.map(([, , hint]) => hint.includes('systemctl enable'))).toEqual(
      isTold ? [true] : [],
    );
  });

  it('functions that are bound to another driver', async () => {
    const [found] = await told(withFunctions('', ['0\n'], 'vfio-pci'));
    expect(found?.[1]).toMatch(/virtual functions are bound to vfio-pci/);
    expect(found?.[2]).toContain('sriov-manage -d 0000:42:00.0');
  });

  it.each(['vfio-pci', undefined])('one function that is bound to %s', async (driver) => {
    const address = '0000:42:00.5';
    const path = `sys/devices/pci0000:00/${address}`;
    const all = Object.entries(withFunctions(LIST, ['0\n', '0\n', '0\n']));
    const files = Object.fromEntries(
      all.filter(([file]) => file !== `${path}/driver` && !file.startsWith(`${path}/nvidia/`)),
    );
    const link = driver && { [`${path}/driver`]: { link: `../../../bus/pci/drivers/${driver}` } };
    const found = await told({ ...files, ...link });
    const about = found.filter(([, message]) => message.includes(address));
    expect(about.map(([, message]) => message)).toEqual([
      expect.stringContaining(
        `its virtual function ${address} is bound to ${driver ?? 'no driver'}, not`,
      ),
    ]);
    expect(about[0]?.[2]).toContain(`echo ${address} > /sys/bus/pci/drivers/nvidia/bind`);
  });

  it('a GPU that a VM has as a whole', async () => {
    const files = { iommu_group: { link: '../../../kernel/iommu_groups/50' } };
    const whole = gpu(PF, { vendor: '0x10de', driver: 'vfio-pci', files });
    const [found] = await told({
      ...whole,
      'proc/4711/comm': 'qemu-system-x86\n',
      'proc/4711/fd/30': { link: '/dev/vfio/50' },
    });
    expect(found?.[1]).toMatch(
      /vfio-pci, which passes the whole GPU to a VM, and held by qemu-system-x86 \(4711\)/,
    );
    expect(found?.[2]).toContain('virsh nodedev-reattach pci_0000_42_00_0');
  });

  it('functions of a board without types are one finding, not one each', async () => {
    const unknown = Object.entries(withFunctions(HEADER, ['0\n', '0\n'])).map(
      ([path, file]) => [path, file === '0x26b9\n' ? '0xffff\n' : file] as const,
    );
    const found = (await told(Object.fromEntries(unknown))).filter(
      ([code]) => code === 'doctor-parent-without-types',
    );
    expect(found.map(([, message]) => message)).toEqual([
      'pci_0000_42_00_4 and 1 more of its card: its driver offers no type',
    ]);
  });
});
