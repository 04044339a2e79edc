import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { commands } from '../../src/cli/commands.ts';
import { connect } from '../../src/index.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { type RunOptions, run } from './run.ts';

/** A folder of its own with the samples in it; stands as DIR in transcripts. */
let folder: string;

beforeEach(() => {
  folder = temporaryFolder({ inMemory: true });
  for (const name of ['vgpu.xml', 'vgpu-second.xml', 'domains/workstation.xml']) {
    cpSync(join('samples', name), join(folder, basename(name)));
  }
  const vgpu = readFileSync('samples/vgpu.xml', 'utf8');
  writeFileSync(join(folder, 'changed.xml'), vgpu.replace('console_vnc=1', 'console_vnc=0'));
  const screenless =
    "<domain type='kvm'><name>vm</name><memory>1</memory><os><type>hvm</type></os></domain>";
  writeFileSync(join(folder, 'no-screen.xml'), screenless);
  writeFileSync(join(folder, 'moved.xml'), vgpu.replace('group1', 'group2'));
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
      connect,
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
const SECOND = '3b0c8e55-6f3a-4f0e-9b39-0d8f6a3a7c21';
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
    'definitions',
    [
      INIT,
      'define vgpu.xml',
      'nodedev-define vgpu-second.xml --validate --json',
      'list --cap mdev',
      'list --cap mdev --inactive',
      'group list',
      'group show group1',
      `info ${VGPU}`,
      'nodedev-autostart my-vgpu',
      'info my-vgpu --json',
      'nodedev-start my-vgpu',
      'list --all --tree',
      'list --all --long',
      'list --cap mdev --persistent',
      'list --cap mdev --all --persistent',
      'list --cap mdev --transient',
      'group list',
      'group show group1',
      'nodedev-update my-vgpu changed.xml',
      'dumpxml my-vgpu --xpath //params',
      'dumpxml my-vgpu --inactive',
      'update my-vgpu changed.xml --live --config',
      'nodedev-dumpxml my-vgpu --inactive --xpath //params',
      'update my-vgpu vgpu.xml --config --json',
      'update my-vgpu vgpu.xml --current',
      'autostart my-vgpu --disable',
      'autostart my-vgpu --json',
      'start --group group1',
      'destroy --group group1',
      'start-parent 0000:86:00.0',
      'start 3b0c8e55-6f3a-4f0e-9b39-0d8f6a3a7c21 --json',
      'nodedev-undefine my-vgpu 3b0c8e55-6f3a-4f0e-9b39-0d8f6a3a7c21',
      'list --cap mdev --transient',
      'define vgpu.xml --autostart -q',
      'undefine my-vgpu --json',
    ],
  ],
  [
    'definition-refusals',
    [
      INIT,
      'define nofile.xml',
      'define workstation.xml',
      '-q define vgpu.xml',
      'define vgpu-second.xml vgpu.xml',
      'list --inactive',
      'undefine nope',
      'start nope',
      'start --group nope',
      'autostart nope',
      'update nope vgpu.xml',
      'update my-vgpu nofile.xml',
      'update my-vgpu vgpu-second.xml',
      'update my-vgpu vgpu.xml --live',
      'destroy my-vgpu',
      'destroy --group group1',
      '-q start my-vgpu',
      'start my-vgpu',
      'start --group group1',
      'define vgpu.xml --json',
      '-q undefine my-vgpu',
      'undefine my-vgpu',
      'autostart my-vgpu',
      'autostart my-vgpu --disable',
      'update my-vgpu vgpu.xml --config',
      'dumpxml my-vgpu --inactive',
      `undefine ${GPU}`,
      'autostart computer',
      'start-parent nope',
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
    'criteria',
    [
      INIT,
      'types --where framebuffer>=2G,series=Q --sort framebuffer',
      `types ${GPU} --where free>=8 --where heads=4`,
      'types --where framebufer>=2G',
      'types --sort size',
    ],
  ],
  [
    'predict',
    [
      INIT,
      `predict nvidia-18*2@${GPU}`,
      `-q predict M60-8Q@${GPU} --json`,
      'predict M60-8Q',
      `predict nvidia-18*5@${GPU}`,
      'predict @',
    ],
  ],
  [
    'explain',
    [INIT, '-q create vgpu.xml', 'explain M60-8Q', `explain 18 ${GPU} --json`, 'explain M60-9Q'],
  ],
  [
    'place',
    [
      INIT,
      'place M60-2Q*3 M60-8Q',
      'place M60-2Q*3 --policy spread --json',
      'place framebuffer>=2G,series=Q*2 --affinity different-parents',
      'place M60-8Q*3',
      'place M60-8Q --node 1',
      'place M60-8Q --node 0',
      'place M60-8Q --domain workstation.xml',
      'place M60-8Q --domain workstation.xml --node 1',
      'place',
      `place M60-8Q@${GPU}`,
    ],
  ],
  [
    'topology',
    [
      INIT,
      '-q create vgpu.xml vgpu-second.xml',
      'group claim group1 workstation',
      'topology',
      'topology --json',
      'topology --node 0',
      'topology --format html --json',
      'topology --format png',
    ],
  ],
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
    'group-changes',
    [
      INIT,
      '-q create vgpu.xml vgpu-second.xml',
      `group create pool ${SECOND}`,
      `group create pool ${SECOND}`,
      'group add pool my-vgpu',
      'group add nowhere my-vgpu',
      'group list',
      `group remove pool ${SECOND} --json`,
      `group remove pool ${SECOND}`,
      'update my-vgpu moved.xml',
      `group add group2 ${SECOND}`,
      'sim start workstation.xml',
      'hostdev --group group2 --into workstation.xml',
      'sim start workstation.xml',
      'group remove group2 my-vgpu',
      'sim stop workstation',
      '-q group claim group2 desktop',
      'group create pool my-vgpu',
      'group add group2',
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
      'hostdev my-vgpu --into workstation.xml --ramfb on',
      `hostdev ${SECOND} --into workstation.xml --replace my-vgpu`,
      `hostdev ${SECOND} --into workstation.xml --replace my-vgpu`,
      `hostdev ${SECOND} --into workstation.xml --remove`,
      `hostdev ${SECOND} --into workstation.xml --remove`,
      `hostdev ${SECOND} --into workstation.xml --remove --json`,
      'hostdev my-vgpu --into workstation.xml --property x-igd-opregion=on --address auto',
      'hostdev --group group1 --into workstation.xml',
      'hostdev my-vgpu --qemu --plain --property xres=1280 --address 00:05.0 --machine q35',
      'hostdev my-vgpu --into no-screen.xml --display on',
      'hostdev my-vgpu --property x',
      'hostdev my-vgpu --remove',
      'hostdev my-vgpu --into workstation.xml --remove --claim --adopt',
      'hostdev my-vgpu --qemu --property x',
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
      '-q create vgpu.xml',
      'sim unbind pci_0000_86_00_0',
      'sim unbind pci_0000_86_00_0 --json',
      'sim bind pci_0000_86_00_0',
      'sim unplug pci_0000_85_08_0',
      'list --cap pci',
      'sim plug pci_0000_86_00_0',
      'sim plug pci_0000_85_08_0 --json',
      'sim plug nothing',
      'sim fail create EIO --times 2 --json',
      'create vgpu.xml',
      'sim fail create none',
      'sim fail create EIO --times 0',
      'sim fail create what',
      'sim fail make EIO',
      'sim delay create 1',
      'sim delay create soon',
      'sim delay create 0 --json',
      '-c test:///default list',
      '-c test:///default sim reset',
    ],
  ],
])('%s', async (name, lines) => {
  await expect(await transcript(lines)).toMatchFileSnapshot(`golden/${name}.txt`);
});

it.each([
  ['virt-nodedev', ['--help', '--version']],
  ...commands
    .filter(({ summary }) => summary !== undefined)
    .map(({ name }) => [name.replace(' ', '-'), [`${name} --help`]] as const),
] as const)('help of %s', async (name, lines) => {
  // The global options are in virt-nodedev.txt.
  const shown = (await transcript(lines)).replace(/^Global options:\n(?: .*\n)+\n/mu, '');
  await expect(shown).toMatchFileSnapshot(`golden/help/${name}.txt`);
});

it('reads standard input for -, and writes standard output', async () => {
  const device = `<device><parent>${GPU}</parent><capability type='mdev'><type id='11'/><uuid>${VGPU}</uuid></capability></device>`;
  const shown = await transcript([INIT, 'create -'], { stdin: device });
  const domain = `<domain type='kvm'><devices/></domain>`;
  const inserted = await transcript([`hostdev ${VGPU} --into -`], { stdin: domain });
  const broken = await transcript(['create -', 'sim start -'], { stdin: '<device>\n  <parent' });
  await expect(shown + inserted + broken).toMatchFileSnapshot('golden/standard-input.txt');
});

it('names each device that does not start with its parent, and shows and removes a broken definition', async () => {
  const BROKEN = '11111111-2222-4333-8444-555555555555';
  const before = await transcript([INIT, '-q define vgpu.xml --autostart']);
  writeFileSync(join(folder, 'host/etc/mdevctl.d/0000:86:00.0', BROKEN), '{"mdev_type":');
  const started = await transcript([`start-parent ${GPU}`]);
  rmSync(join(folder, 'host/etc/mdevctl.d/0000:86:00.0', VGPU));
  writeFileSync(
    join(folder, 'host/etc/mdevctl.d/0000:86:00.0/11111111-2222-4333-8444-666666666666'),
    '{"mdev_type": "nvidia-22", "start": "auto"}',
  );
  const after = await transcript([
    'start-parent 0000:86:00.0',
    'start-parent 0000:86:00.0 --json',
    'list --cap mdev --inactive',
    'list --cap mdev --inactive --json',
    `info ${BROKEN}`,
    `dumpxml ${BROKEN}`,
    `start ${BROKEN}`,
    `undefine ${BROKEN}`,
    'list --cap mdev --inactive',
  ]);
  await expect(before + started + after).toMatchFileSnapshot('golden/start-parent.txt');
});
