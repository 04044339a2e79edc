import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { commands } from '../../src/cli/commands.ts';
import { connect } from '../../src/index.ts';
import { type RunOptions, run } from './run.ts';

/** A folder of its own with the samples in it; stands as DIR in transcripts. */
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'virt-nodedev-cli-'));
  for (const name of ['vgpu.xml', 'vgpu-second.xml', 'domains/workstation.xml']) {
    cpSync(join('samples', name), join(folder, basename(name)));
  }
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/**
 * Runs command lines one after the other and returns what a terminal would show, the exit code where it is not 0.
 * Words are separated by single spaces; `\x20` stands for a space in a word.
 */
async function transcript(lines: readonly string[], options: RunOptions = {}): Promise<string> {
  let shown = '';
  for (const line of lines) {
    const words = line.split(' ').map((word) => word.replaceAll('\\x20', ' '));
    const { code, stdout, stderr } = await run(words, {
      connect: (uri, report) => connect(uri, { report }),
      env: { VIRT_NODEDEV_URI: `sim://${folder}/host` },
      cwd: folder,
      ...options,
    });
    shown += `$ virt-nodedev ${line}\n${stdout}${stderr}${code === 0 ? '' : `exit code ${code}\n`}`;
  }
  return shown.replaceAll(folder, 'DIR');
}

const GPU = 'pci_0000_86_00_0';
const VGPU = '0695d332-7831-493f-9e71-1c85c8911a08';
const INIT = 'sim init host --profile nvidia-m60';

it.each<readonly [name: string, lines: readonly string[]]>([
  [
    'devices',
    [
      INIT,
      'list',
      'nodedev-list --tree',
      'create vgpu.xml',
      '-q create vgpu-second.xml',
      'nodedev-list --cap mdev',
      '-q list --cap mdev,mdev_types',
      'list --tree',
      'list --inactive',
      'list --persistent',
      'list --transient --cap mdev',
      `info ${VGPU}`,
      'info computer',
      'info my-vgpu --json',
      'list --cap mdev --json',
      'nodedev-destroy my-vgpu',
      'destroy --name 3b0c8e55-6f3a-4f0e-9b39-0d8f6a3a7c21 --json',
      'list --cap mdev',
    ],
  ],
  [
    'dumpxml',
    [
      INIT,
      '-q create vgpu.xml',
      'nodedev-dumpxml my-vgpu',
      'dumpxml my-vgpu --dialect libvirt',
      'dumpxml my-vgpu --dialect thread',
      `dumpxml ${GPU} --dialect thread`,
      'dumpxml computer',
      'dumpxml my-vgpu --xpath //type/@id',
      'dumpxml my-vgpu --xpath //name --wrap',
      'dumpxml my-vgpu --xpath string(//uuid)',
      'dumpxml my-vgpu --xpath //nothing',
      'dumpxml my-vgpu --xpath //nothing --wrap',
      'dumpxml my-vgpu --xpath //type/@id --wrap',
      'dumpxml my-vgpu --xpath foo()',
      'dumpxml my-vgpu --json',
    ],
  ],
  [
    'refusals',
    [
      'list',
      '-c sim:DIR list',
      INIT,
      INIT,
      'sim init other --profile nope',
      'sim init other --profile nope.xml',
      'info nope',
      'dumpxml nope',
      'hostdev nope',
      'destroy nope',
      'destroy --group nope',
      'group show nope',
      'create nofile.xml',
      'create workstation.xml',
      '-q create vgpu.xml',
      'create vgpu.xml',
      'create vgpu.xml --json',
      'types nope',
      `hostdev ${GPU}`,
      'hostdev my-vgpu --ramfb on',
      'hostdev my-vgpu --into nofile.xml',
      'hostdev my-vgpu --into vgpu.xml',
    ],
  ],
  ['types', [INIT, '-q create vgpu.xml', `types ${GPU}`, 'types', 'types 0000:87:00.0 --json']],
  ['doctor', [INIT, 'doctor', '-q create vgpu.xml', 'doctor', 'doctor --json']],
  [
    'groups',
    [
      INIT,
      'group list',
      'create vgpu.xml vgpu-second.xml',
      'group list',
      'group show group1',
      'group claim group1 workstation',
      'group claim group1 other',
      'group show group1 --json',
      'group list --json',
      'sim start workstation.xml',
      'hostdev --group group1 --into workstation.xml',
      'sim start workstation.xml',
      'group list',
      'destroy --group group1',
      'sim stop workstation',
      'group release group1',
      'destroy --group group1',
      'group list',
    ],
  ],
  [
    'hostdev',
    [
      INIT,
      '-q create vgpu.xml vgpu-second.xml',
      'hostdev my-vgpu',
      'hostdev my-vgpu --dialect thread',
      'hostdev my-vgpu --display on --ramfb on --alias ua-vgpu --address 00:05.0',
      'hostdev --group group1',
      'hostdev my-vgpu --qemu',
      'hostdev --group group1 --qemu --display on',
      'hostdev my-vgpu --json',
      'hostdev my-vgpu --into workstation.xml --json',
      'hostdev my-vgpu --into workstation.xml',
    ],
  ],
  [
    'sim',
    [
      'sim profiles',
      'sim profiles --json',
      'sim init host --profile nvidia-m60 --json',
      '-q create vgpu.xml',
      'sim reset',
      'list --cap mdev',
      'group list',
      'sim reset --json',
      'sim stop workstation',
      '-c test:///default list',
      '-c test:///default sim reset',
    ],
  ],
])('%s', async (name, lines) => {
  await expect(await transcript(lines)).toMatchFileSnapshot(`golden/${name}.txt`);
});

it('help', async () => {
  const named = commands.filter(({ summary }) => summary !== undefined);
  const lines = ['--help', 'help', '--version', ...named.map(({ name }) => `${name} --help`)];
  await expect(await transcript(lines)).toMatchFileSnapshot('golden/help.txt');
});

it('reads standard input for -, and writes standard output', async () => {
  const device = `<device><parent>${GPU}</parent><capability type='mdev'><type id='11'/><uuid>${VGPU}</uuid></capability></device>`;
  const shown = await transcript([INIT, 'create -'], { stdin: device });
  const domain = `<domain type='kvm'><devices/></domain>`;
  const inserted = await transcript([`hostdev ${VGPU} --into -`], { stdin: domain });
  const broken = await transcript(['create -', 'sim start -'], { stdin: '<device>\n  <parent' });
  await expect(shown + inserted + broken).toMatchFileSnapshot('golden/standard-input.txt');
});
