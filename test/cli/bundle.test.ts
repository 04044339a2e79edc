import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { builtCommand } from './built-command.ts';

/** Milliseconds; each test starts several processes, and the machine may be busy. */
const TIMEOUT = 60_000;
const VGPU = '0695d332-7831-493f-9e71-1c85c8911a08';

const bin = builtCommand;
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'virt-nodedev-bundle-'));
  virtNodedev('sim init host --profile nvidia-m60');
  virtNodedev('sim init many --profile nvidia-a40');
}, TIMEOUT);

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Runs the bundle as a user would; exit code and both outputs. */
function virtNodedev(line: string, input = '') {
  return start(process.execPath, [bin, ...line.split(' ')], input);
}

/** Runs a line of bash that finds the bundle as virt-nodedev. */
function bash(script: string) {
  const quoted = `'${process.execPath}' '${bin}'`;
  return start('bash', ['-c', `virt-nodedev() { ${quoted} "$@"; }; ${script}`], '');
}

function start(program: string, args: readonly string[], input: string) {
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, VIRT_NODEDEV_URI: `sim://${folder}/host` },
    input,
    maxBuffer: 64 * 2 ** 20,
  });
  return { status, stdout, stderr };
}

it('knows its version', () => {
  const { status, stdout } = virtNodedev('--version');
  expect(status).toBe(0);
  expect(JSON.parse(readFileSync('package.json', 'utf8'))).toMatchObject({
    version: stdout.trim(),
  });
});

it('creates from standard input, prints and destroys', { timeout: TIMEOUT }, () => {
  const xml = `<device><parent>pci_0000_86_00_0</parent><capability type='mdev'><type id='11'/><uuid>${VGPU}</uuid></capability></device>`;
  const name = `mdev_${VGPU.replaceAll('-', '_')}_0000_86_00_0`;
  expect(virtNodedev('create -', xml).stdout).toBe(`Node device ${name} created from <stdin>\n\n`);
  expect(virtNodedev(`-q dumpxml ${VGPU} --xpath string(//uuid)`).stdout).toBe(`${VGPU}\n`);
  expect(virtNodedev(`hostdev ${VGPU} --qemu`).stdout).toContain('-device \'{"driver":"vfio-pci"');
  expect(virtNodedev(`destroy ${VGPU}`)).toEqual({
    status: 0,
    stdout: `Destroyed node device '${name}'\n\n`,
    stderr: '',
  });
});

it.each([
  ['no host', '-c sim:///nowhere list', 1],
  ['a wrong command line', 'list --foo', 2],
])('exits as it should for %s', (_, line, status) => {
  expect(virtNodedev(line)).toMatchObject({ status, stderr: expect.stringMatching(/^error: /u) });
});

/** More than a pipe holds. */
const manyTypes = `virt-nodedev -c sim://$PWD/many types --json`;

it('ends quietly when its reader has seen enough', { timeout: TIMEOUT }, () => {
  const { stdout, stderr } = bash(`${manyTypes} | head -1`);
  expect({ stdout, stderr }).toEqual({ stdout: '{\n', stderr: '' });
});

it('prints everything into a slow pipe before it ends', { timeout: TIMEOUT }, () => {
  const { stdout } = bash(`${manyTypes} | { sleep 0.2; cat; }`);
  expect(stdout.length).toBeGreaterThan(70_000);
  expect(JSON.parse(stdout)).toHaveProperty('types');
});

it('completes in bash', { timeout: TIMEOUT }, () => {
  expect(complete('virt-nodedev gr')).toEqual(['group']);
  expect(complete('virt-nodedev group s')).toEqual(['show']);
  expect(complete('virt-nodedev list --tr')).toEqual(['--tree', '--transient']);
  expect(complete(`virt-nodedev -c sim://${folder}/host types pci_0000_8`)).toEqual([
    'pci_0000_86_00_0',
    'pci_0000_87_00_0',
  ]);
});

/** What bash offers when tab is pressed at the end of a line. */
function complete(line: string): readonly string[] {
  const place = `COMP_LINE='${line}' COMP_POINT=${line.length}`;
  const script = `eval "$(virt-nodedev completion bash)"; ${place}; _virt_nodedev; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return bash(script).stdout.trim().split('\n');
}

it(
  'tells a disk that is full, once and without a stack, instead of ending well',
  () => {
    const all = bash('virt-nodedev types >/dev/full');
    expect(all).toMatchObject({
      status: 1,
      stderr: "error: Failed to write file '<stdout>': No space left on device\n",
    });
    expect(bash('virt-nodedev info nothing 2>/dev/full')).toMatchObject({ status: 1, stderr: '' });
  },
  TIMEOUT,
);
