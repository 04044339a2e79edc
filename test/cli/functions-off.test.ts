import { expect, it } from 'vitest';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '../../src/index.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { run, type RunResult } from './run.ts';

// What a reboot takes away is what every command names, with what brings it back.

let folder = '';
const UUID = '3f9f6a55-6b2f-4a17-9f5e-0f4c6f5d2b10';
const command = (line: string): Promise<RunResult> =>
  run(line.split(' '), {
    connect,
    env: { VIRT_NODEDEV_URI: `sim://${folder}/host` },
    cwd: folder,
  });
const setUp = (name: string, more = ''): string =>
  `<device><name>${name}</name><capability type='vgpu'><functions>on</functions>${more}</capability></device>`;
const vgpu = (parent: string, type: string): string =>
  `<device>${parent}<capability type='mdev'><type id='${type}'/><uuid>${UUID}</uuid></capability></device>`;

/** A host after a boot, with a definition that starts then. */
async function booted(profile: string, gpu: string, type: string, more = ''): Promise<void> {
  folder = temporaryFolder();
  writeFileSync(join(folder, 'on.xml'), setUp(gpu, more));
  writeFileSync(join(folder, 'vgpu.xml'), vgpu(`<parent>${gpu}</parent>`, type));
  for (const line of [
    `sim init host --profile ${profile}`,
    'apply on.xml',
    'define vgpu.xml',
    `autostart ${UUID}`,
    'sim reset',
  ]) {
    expect(await command(line)).toMatchObject({ code: 0 });
  }
}

/** Command lines, with their exit codes. */
const LINES: readonly (readonly [string, number])[] = [
  ['create vgpu.xml', 1],
  [`start ${UUID}`, 1],
  ['start-parent pci_0000_42_00_4', 1],
  ['types pci_0000_42_00_4', 1],
  ['plan vgpu.xml', 1],
  ['plan anywhere.xml', 1],
  ['explain L40S-24Q pci_0000_42_00_0', 1],
  ['explain L40S-24Q', 1],
  ['place L40S-24Q', 1],
  ['predict L40S-24Q', 1],
  ['predict L40S-24Q@pci_0000_42_00_4', 1],
  [`hostdev ${UUID}`, 1],
  ['doctor', 1],
  ['types', 0],
  ['list', 0],
  ['topology', 0],
  ['export proxmox', 0],
  ['export opennebula', 0],
];

it('every command says that the functions of a GPU are off, and what turns them on', async () => {
  await booted('nvidia-l40s-bare', 'pci_0000_42_00_0', 'nvidia-1155');
  const other = vgpu('', 'nvidia-1155').replace(UUID, UUID.replace('3f', '4f'));
  writeFileSync(join(folder, 'anywhere.xml'), other);
  for (const [line, expected] of LINES) {
    const { code, stdout, stderr } = await command(line);
    const said = stdout + stderr;
    expect([line, code]).toEqual([line, expected]);
    expect(said).toContain("the virtual functions of 'pci_0000_42_00_0' are off");
    expect(said).toContain('`/usr/lib/nvidia/sriov-manage -e 0000:42:00.0`');
    expect(said).not.toMatch(/invalid parent|undefine/);
  }
});

it('doctor finds no fault with definitions whose GPU instances are not made yet', async () => {
  const more = `<mode>mig</mode>${"<instance profile='1g.18gb'/>".repeat(2)}`;
  await booted('nvidia-h200', 'pci_0000_44_00_0', 'nvidia-1414', more);
  const { stdout } = await command('doctor');
  expect(stdout).toContain('needs a GPU instance');
  expect(stdout).not.toContain('autostart');
});
