import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { connect, type ConnectOptions } from '../../src/index.ts';
import { makeSimulatedHost } from '../../src/host/simulated/init.ts';
import { openSimulatedHost } from '../../src/host/simulated/open.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { writeFiles } from '../support/file-tree.ts';
import { builtCommand } from './built-command.ts';
import { run, type RunResult } from './run.ts';

const VGPU = '0695d332-7831-493f-9e71-1c85c8911a08';
const FOREIGN = '7c1e2f6a-0d7b-4b3f-8a55-2f9d1c0e4b11';
const HOSTDEV = `<hostdev mode='subsystem' type='mdev' model='vfio-pci'><source><address uuid='${VGPU}'/></source></hostdev>`;
const domain = (name: string, devices = HOSTDEV): string =>
  `<domain type='kvm'><name>${name}</name><devices>${devices}</devices></domain>\n`;

/** A folder with the samples and a simulated host in it; stands as DIR in transcripts. */
let folder: string;

beforeEach(() => {
  folder = temporaryFolder({ inMemory: true });
  for (const name of ['vgpu.xml', 'vgpu-second.xml', 'domains/workstation.xml']) {
    cpSync(join('samples', name), join(folder, basename(name)));
  }
  makeSimulatedHost(join(folder, 'host'), 'nvidia-m60');
});

async function transcript(lines: readonly string[], options: ConnectOptions = {}): Promise<string> {
  let shown = '';
  for (const line of lines) {
    const { code, stdout, stderr } = await run(line.split(' '), {
      connect: (uri, given) => connect(uri, { ...given, ...options }),
      env: { VIRT_NODEDEV_URI: `sim://${folder}/host` },
      cwd: folder,
    });
    shown += `$ virt-nodedev ${line}\n${stdout}${stderr}${code === 0 ? '' : `exit code ${code}\n`}`;
  }
  return shown.replaceAll(folder, 'DIR');
}

function createForeign(): void {
  const host = openSimulatedHost(join(folder, 'host'));
  const parent = host.parent('0000:86:00.0');
  if (parent === undefined) throw new Error('no parent');
  host.create(parent, 'nvidia-11', FOREIGN);
}

it('reports owners and others’ devices', async () => {
  const before = await transcript(['-q create vgpu.xml vgpu-second.xml', 'info my-vgpu']);
  createForeign();
  const foreign = await transcript([
    `info ${FOREIGN}`,
    `destroy ${FOREIGN}`,
    `group claim ${FOREIGN} desktop`,
    `group claim ${FOREIGN} desktop --adopt`,
    `info ${FOREIGN}`,
    `group release ${FOREIGN}`,
    `destroy ${FOREIGN} --json`,
  ]);
  writeFiles(folder, { 'host/etc/libvirt/qemu/workstation.xml': domain('workstation') });
  const defined = await transcript([
    'group show group1',
    'group list --json',
    'info my-vgpu',
    'group release group1',
    'doctor',
  ]);
  writeFiles(folder, {
    'host/run/libvirt/qemu/workstation.xml': `<domstatus state='running' pid='4711'>${domain('workstation')}</domstatus>`,
  });
  const running = await transcript([
    'group list',
    'destroy --group group1',
    'group claim group1 other',
  ]);
  await expect(before + foreign + defined + running).toMatchFileSnapshot('golden/owners.txt');
});

it('claims what it puts into a domain, both or none', async () => {
  await transcript(['-q create vgpu.xml vgpu-second.xml']);
  writeFileSync(join(folder, 'other.xml'), domain('other', ''));
  writeFileSync(join(folder, 'nameless.xml'), '<domain><devices/></domain>');
  createForeign();
  const shown = await transcript([
    'hostdev --group group1 --into nameless.xml --claim',
    'hostdev my-vgpu --claim',
    'hostdev my-vgpu --into workstation.xml --adopt',
    `hostdev my-vgpu ${FOREIGN} --into workstation.xml --claim`,
    'group list',
    'hostdev --group group1 --into workstation.xml --claim',
    'group show group1',
    'hostdev --group group1 --into other.xml --claim',
    `hostdev ${FOREIGN} --into other.xml --claim --adopt --json`,
    'group list',
    'hostdev my-vgpu --into workstation.xml --remove --claim',
    `hostdev ${FOREIGN} --into other.xml --replace ${FOREIGN} --claim`,
    `hostdev my-vgpu --into nameless.xml --replace ${FOREIGN}`,
    `hostdev ${FOREIGN} --into workstation.xml --replace 3b0c8e55-6f3a-4f0e-9b39-0d8f6a3a7c21 --claim`,
    'group list',
    `hostdev ${FOREIGN} --into other.xml --remove --claim`,
    `hostdev ${FOREIGN} --into workstation.xml --replace 3b0c8e55-6f3a-4f0e-9b39-0d8f6a3a7c21 --claim`,
    'group list',
  ]);
  expect(readFileSync(join(folder, 'other.xml'), 'utf8')).not.toContain(VGPU);
  await expect(shown).toMatchFileSnapshot('golden/hostdev-claim.txt');
});

it('releases what it claimed when the domain’s file cannot be written', async () => {
  await transcript(['-q create vgpu.xml']);
  writeFiles(folder, { 'gone/vm.xml': domain('vm', '') });
  const { code } = await run(['hostdev', 'my-vgpu', '--into', 'gone/vm.xml', '--claim'], {
    connect: async (uri) => {
      const manager = await connect(uri);
      return {
        ...manager,
        claimDevices: async (...args) => {
          const groups = await manager.claimDevices(...args);
          rmSync(join(folder, 'gone'), { recursive: true });
          return groups;
        },
      };
    },
    env: { VIRT_NODEDEV_URI: `sim://${folder}/host` },
    cwd: folder,
  });
  expect(code).toBe(1);
  expect(await transcript(['group list'])).toMatch(/group1 +1 +- +no/u);
});

it('claims again what it released when the domain’s file cannot be written', async () => {
  await transcript(['-q create vgpu.xml', '-q hostdev my-vgpu --into workstation.xml --claim']);
  const { code } = await run(
    ['hostdev', 'my-vgpu', '--into', 'workstation.xml', '--remove', '--claim'],
    {
      connect: async (uri) => {
        const manager = await connect(uri);
        return {
          ...manager,
          release: async (name) => {
            const group = await manager.release(name);
            rmSync(join(folder, 'workstation.xml'));
            mkdirSync(join(folder, 'workstation.xml'));
            return group;
          },
        };
      },
      env: { VIRT_NODEDEV_URI: `sim://${folder}/host` },
      cwd: folder,
    },
  );
  expect(code).toBe(1);
  expect(await transcript(['group list'])).toMatch(/group1 +1 +workstation +no/u);
});

it('gc', async () => {
  let now = 1_000_000;
  const options = { now: () => now };
  const before = await transcript(['gc', '-q create vgpu.xml vgpu-second.xml', 'gc'], options);
  now += 90_000;
  const after = await transcript(
    [
      'gc --dry-run',
      'gc --older-than 3600',
      'gc --older-than -1',
      'gc --dry-run --json',
      'gc',
      'list --cap mdev',
    ],
    options,
  );
  await expect(before + after).toMatchFileSnapshot('golden/gc.txt');
});

describe('libvirt’s hook', () => {
  /** As libvirt calls the sample, with the command in the path. */
  function hook(name: string, operation: string, phase: string, xml: string, extra = '-') {
    const bin = join(folder, 'bin');
    mkdirSync(bin, { recursive: true });
    writeFileSync(
      join(bin, 'virt-nodedev'),
      `#!/bin/sh\nexec '${process.execPath}' '${builtCommand}' "$@"\n`,
      { mode: 0o755 },
    );
    const { status, stdout, stderr } = spawnSync(
      join('samples', 'libvirt-hooks', 'qemu'),
      [name, operation, phase, extra],
      {
        input: xml,
        encoding: 'utf8',
        env: { PATH: `${bin}:/usr/bin:/bin`, VIRT_NODEDEV_URI: `sim://${folder}/host` },
      },
    );
    return { status, stdout, stderr };
  }
  const DONE = { status: 0, stdout: '', stderr: '' };
  const devices = () => transcript(['-q list --cap mdev']);

  it('starts a domain’s devices before it starts, and stops them after', {
    timeout: 60_000,
  }, async () => {
    await transcript(['-q define vgpu.xml vgpu-second.xml']);
    const xml = domain('vm1');
    expect(hook('vm1', 'prepare', 'begin', xml)).toEqual(DONE);
    expect(hook('vm1', 'start', 'begin', xml)).toEqual(DONE);
    expect(hook('vm1', 'started', 'begin', xml)).toEqual(DONE);
    expect(await transcript(['group list'])).toMatch(/group1 +2 +vm1/u);
    expect(await devices()).toContain(VGPU.replaceAll('-', '_'));
    expect(hook('vm1', 'prepare', 'begin', xml)).toEqual(DONE);
    expect(hook('vm2', 'prepare', 'begin', domain('vm2'))).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(
        /^error: Failed to prepare the devices of domain 'vm2'\nerror: .* belongs to domain 'vm1'\nhint: /u,
      ),
    });
    expect(hook('vm1', 'stopped', 'end', xml)).toEqual(DONE);
    expect(hook('vm1', 'release', 'end', xml, 'from snapshot')).toEqual(DONE);
    expect(hook('vm1', 'release', 'end', xml, 'shutdown')).toEqual(DONE);
    expect(await devices()).not.toContain(VGPU.replaceAll('-', '_'));
    expect(await transcript(['group list'])).toMatch(/group1 +2 +- /u);
  });

  it('tells beforehand whether a domain could start', { timeout: 60_000 }, async () => {
    await transcript(['-q define vgpu.xml']);
    const asked = (xml: string): Promise<RunResult> =>
      run(['libvirt-hook', 'vm1', 'prepare', 'begin', '-', '--dry-run', '--json'], {
        connect: (uri, options) => connect(uri, options),
        env: { VIRT_NODEDEV_URI: `sim://${folder}/host` },
        stdin: xml,
      });
    const { stdout } = await asked(domain('vm1'));
    expect(JSON.parse(stdout)).toMatchObject({ changed: true, dryRun: true, handled: true });
    expect(await asked(domain('vm1', HOSTDEV.replace(VGPU, FOREIGN)))).toMatchObject({ code: 1 });
    expect(await devices()).not.toContain(VGPU.replaceAll('-', '_'));
  });

  it('keeps a domain from starting when a device is nowhere', { timeout: 60_000 }, async () => {
    await transcript(['-q define vgpu.xml']);
    const other = HOSTDEV.replace(VGPU, FOREIGN);
    expect(hook('vm1', 'prepare', 'begin', domain('vm1', HOSTDEV + other))).toEqual({
      status: 1,
      stdout: '',
      stderr: `error: Failed to prepare the devices of domain 'vm1'
error: mediated device '${FOREIGN}' not found: it was never defined
hint: create or define it first
`,
    });
    expect(await devices()).not.toContain(VGPU.replaceAll('-', '_'));
  });

  // A name of a domain may look like an option. (libvirt forbids only '/', newlines and an empty one.)
  it('takes any name', { timeout: 60_000 }, async () => {
    await transcript(['-q define vgpu.xml']);
    expect(hook('--help', 'prepare', 'begin', domain('--help'))).toEqual(DONE);
    expect(await transcript(['group list'])).toContain('--help');
  });

  const none = { connect: () => Promise.reject(new Error('no connection expected')) };

  it.each([
    'migrate begin -',
    'restore begin -',
    'reconnect begin -',
    'attach begin -',
    'start begin -',
    'started begin -',
    'stopped end shutdown',
    'prepare end -',
    'something else -',
  ])('does and prints nothing at %s', async (moment) => {
    const [operation = '', phase = '', extra = ''] = moment.split(' ');
    const words = ['libvirt-hook', '--', 'vm1', operation, phase, extra];
    expect(await run(words, { ...none, stdin: domain('vm1') })).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
    expect(hook('vm1', operation, phase, domain('vm1'), extra)).toEqual(DONE);
  });

  it('does not even connect for a domain without mediated devices', async () => {
    const words = ['libvirt-hook', '--', 'workstation', 'prepare', 'begin', '-'];
    const stdin = readFileSync('samples/domains/workstation.xml', 'utf8');
    expect(await run(words, { ...none, stdin })).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it.each([
    ['', '<stdin>: empty'],
    [domain('vm1').slice(0, -10), '<stdin>: no whole domain XML'],
    [domain('vm2'), "<stdin>: the XML is of domain 'vm2', not of 'vm1'"],
  ])(
    'keeps a domain from starting when it does not get its XML',
    { timeout: 60_000 },
    (xml, why) => {
      expect(hook('vm1', 'prepare', 'begin', xml)).toEqual({
        status: 1,
        stdout: '',
        stderr: `error: Failed to prepare the devices of domain 'vm1'
error: ${why}
hint: libvirt gives the XML to its hook scripts on standard input
`,
      });
    },
  );
});
