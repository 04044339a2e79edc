import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { connect, type DeviceInfo } from '../../src/index.ts';
import { makeSimulatedHost } from '../../src/host/simulated/init.ts';
import { readSampleProfile } from '../../src/host/simulated/samples.ts';
import { writeFiles } from '../support/file-tree.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { run } from './run.ts';

// Virtual functions that have no types: those of Intel's, AMD's and others' SR-IOV drivers.

const DRIVERS: readonly (readonly [string, string | undefined, RegExp])[] = [
  ['xe', undefined, /Intel GPU/u],
  ['i915', 'i915', /Intel GPU/u],
  ['gim', 'vfio-pci', /AMD GPU/u],
  ['mlx5_core', 'mlx5_vfio_pci', /mlx5/u],
  ['4xxx', 'qat_vfio_pci', /QAT/u],
  ['other', undefined, /PCI device/u],
];

const address = (number: number): string =>
  `<address domain='0x0000' bus='0x03' slot='0x00' function='0x${number}'/>`;

/** A device with a physical function and one virtual function, beside mtty. */
function profileOf(driver: string, ofFunction: string | undefined): string {
  const device = (number: number, bound: string | undefined, part: string): string => `
  <device>
    <name>pci_0000_03_00_${number}</name>
    <path>/sys/devices/pci0000:00/0000:00:01.0/0000:03:00.${number}</path>
    <parent>computer</parent>
    ${bound === undefined ? '' : `<driver><name>${bound}</name></driver>`}
    <capability type='pci'>
      <class>0x030000</class><domain>0</domain><bus>3</bus><slot>0</slot><function>${number}</function>
      <product id='0xe212'/><vendor id='0x8086'/>
      ${part}
      <iommuGroup number='${20 + number}'>${address(number)}</iommuGroup>
    </capability>
  </device>`;
  const physical = `<capability type='virt_functions' maxCount='24'>${address(1)}</capability>`;
  const virtual = `<capability type='phys_function'>${address(0)}</capability>`;
  const devices = device(0, driver, physical) + device(1, ofFunction, virtual);
  return readSampleProfile('kernel-samples').replace('</host>', `${devices}\n</host>`);
}

it.each(DRIVERS)('of %s', async (driver, bound, kind) => {
  const folder = temporaryFolder({ inMemory: true });
  makeSimulatedHost(join(folder, 'host'), profileOf(driver, bound));
  const command = async (line: string, expected = 0): Promise<string> => {
    const { code, stdout, stderr } = await run(line.split(' '), {
      connect,
      env: { VIRT_NODEDEV_URI: `sim://${folder}/host` },
      cwd: folder,
    });
    expect(`${line}: ${code} ${code === expected ? '' : stderr}`).toBe(`${line}: ${expected} `);
    return stdout;
  };

  expect(await command('list')).toContain('pci_0000_03_00_1');
  const info = await command('info pci_0000_03_00_1');
  expect(info).toMatch(/Function of: +pci_0000_03_00_0/u);
  expect(info).toMatch(/Types: +none: nothing needs to be created/u);
  expect(info).toMatch(kind);
  expect(await command('info pci_0000_03_00_0')).not.toContain('Types');
  expect(await command('dumpxml pci_0000_03_00_1')).toContain("<capability type='phys_function'>");
  expect(await command('types')).not.toContain('0000_03_00');

  const managed = bound?.includes('vfio') === true ? 'no' : 'yes';
  const hostdev = await command('hostdev pci_0000_03_00_1');
  expect(hostdev).toContain(`<hostdev mode='subsystem' type='pci' managed='${managed}'>`);
  expect(hostdev).toContain(address(1));
  expect(await command('hostdev 0000:03:00.1 --qemu --plain')).toContain('host=0000:03:00.1');
  expect(await command('hostdev pci_0000_03_00_1 --json')).not.toContain('uuid');
  await command('hostdev pci_0000_03_00_0', 1);
  await command('hostdev mtty_mtty', 1);

  const bare = `<domain type='kvm'>\n  <name>vm</name>\n  <memory>1</memory>\n  <os><type arch='x86_64' machine='q35'>hvm</type></os>\n  <devices>\n  </devices>\n</domain>\n`;
  writeFileSync(join(folder, 'vm.xml'), bare);
  await command('hostdev pci_0000_03_00_1 --into vm.xml');
  const once = readFileSync(join(folder, 'vm.xml'), 'utf8');
  expect(once).toContain(address(1));
  await command('hostdev pci_0000_03_00_1 --into vm.xml');
  expect(readFileSync(join(folder, 'vm.xml'), 'utf8')).toBe(once);
  await command(`validate -c sim://${folder}/host vm.xml`);
  await command('hostdev pci_0000_03_00_1 --into vm.xml --remove');
  expect(readFileSync(join(folder, 'vm.xml'), 'utf8')).not.toContain('<hostdev');
});

it('tells the share of a function of xe, by its number from 1', async () => {
  const folder = temporaryFolder({ inMemory: true });
  makeSimulatedHost(join(folder, 'host'), profileOf('xe', undefined));
  const physical = join(folder, 'host/sys/devices/pci0000:00/0000:00:01.0/0000:03:00.0');
  const profile = join(physical, 'sriov_admin/vf1/profile');
  const command = (line: string) =>
    run(line.split(' '), { connect, env: { VIRT_NODEDEV_URI: `sim://${folder}/host` } });
  expect((await command('info pci_0000_03_00_1')).stdout).not.toContain('Share');
  writeFiles(profile, {
    exec_quantum_ms: '20\n',
    preempt_timeout_us: '0\n',
    sched_priority: 'low [normal] high\n',
    vram_quota: '1073741824\n',
  });
  const { stdout } = await command('info pci_0000_03_00_1');
  expect([...stdout.matchAll(/^Share: +(.*)$/gmu)].map(([, value]) => value)).toEqual([
    'exec_quantum_ms=20',
    'preempt_timeout_us=0',
    'sched_priority=normal',
    'vram_quota=1073741824',
  ]);
  const { share }: DeviceInfo = JSON.parse((await command('info pci_0000_03_00_1 --json')).stdout);
  expect(share).toContainEqual({ name: 'sched_priority', value: 'normal' });
  expect((await command('info pci_0000_03_00_0')).stdout).not.toContain('Share');
});
