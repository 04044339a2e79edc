import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readSampleProfile } from '../../src/host/simulated/samples.ts';
import { diskHost, withKernel } from '../host/support/hosts.ts';
import { debianRoot } from './debian.ts';

const BIN = join(import.meta.dirname, '../../dist/cli/bin.js');
const SCRIPT = join(import.meta.dirname, 'mounted.sh');
const { host, dispose } = diskHost('nvidia-m60');
/** What differs between kernels that mdevctl could stumble over: the driver, its name, `vfio-dev`. */
const OTHER_KERNELS = ['4.10', '5.15', '6.12'].map((version) => {
  const profile = withKernel(readSampleProfile('nvidia-m60'), version);
  return { version, ...diskHost(profile) };
});
const UUID = 'c0ffee00-1111-4222-8333-000000000001';
const OTHER = 'c0ffee00-1111-4222-8333-000000000002';
const GPU = '0000:86:00.0';

beforeAll(() => {
  execFileSync('npm', ['run', '--silent', 'build']);
}, 120_000);
afterAll(() => {
  dispose();
  for (const other of OTHER_KERNELS) other.dispose();
});

/** What this release's mdevctl prints, with its errors, on a simulated host that is the machine; its exit code is the last word. */
function mdevctl(words: string, machine = host): string {
  const program = `mdevctl ${words} 2>&1; echo $?`;
  const run = ['sim', 'run', machine.root ?? '', '--', SCRIPT, debianRoot(), program];
  return execFileSync(process.execPath, [BIN, ...run], { encoding: 'utf8' })
    .replaceAll(/\n\nStack backtrace:[\s\S]*\n(?=\d)/g, '\n')
    .replaceAll(/\n+/g, '\n') // 1.2 ends lists with an empty line
    .trim();
}

it('mdevctl lists the types of a GPU that is not there', () => {
  expect(mdevctl(`types -p ${GPU}`)).toContain('nvidia-18\n    Available instances: 4\n');
});

it.each([
  [`start -u ${UUID} -p ${GPU} -t nvidia-18`, '0'],
  ['list', `${UUID} ${GPU} nvidia-18 manual\n0`],
  [
    `start -u ${OTHER} -p ${GPU} -t nvidia-22`,
    `Error: No available instances of nvidia-22 on ${GPU}\n1`,
  ],
  [`start -u ${UUID} -p ${GPU} -t nvidia-18`, 'Error: Device already exists\n1'],
  [`define -u ${UUID}`, '0'],
  [`modify -u ${UUID} --auto`, '0'],
  [`modify -u ${UUID} --addattr nvidia/vgpu_params --value a=1`, '0'],
  [`stop -u ${UUID}`, '0'],
  ['list', '0'],
  [`start -u ${UUID}`, '0'],
  ['list', `${UUID} ${GPU} nvidia-18 auto (defined)\n0`],
  [`stop -u ${UUID}`, '0'],
  [`start-parent-mdevs ${GPU}`, '0'],
  ['list', `${UUID} ${GPU} nvidia-18 auto (defined)\n0`],
  [`stop -u ${UUID}`, '0'],
  [`undefine -u ${UUID}`, '0'],
  ['list -d', '0'],
])('mdevctl %s', (words, expected) => {
  expect(mdevctl(words)).toBe(expected);
});

it.each(OTHER_KERNELS)(
  'mdevctl lists, starts, modifies and stops on Linux $version',
  ({ host: own }) => {
    const steps = [
      [`types -p ${GPU} --dumpjson`, expect.stringContaining('nvidia-18')],
      [`start -u ${UUID} -p ${GPU} -t nvidia-18`, '0'],
      [`start -u ${UUID} -p ${GPU} -t nvidia-18`, 'Error: Device already exists\n1'],
      [`define -u ${UUID}`, '0'],
      [`modify -u ${UUID} --auto`, '0'],
      ['list', `${UUID} ${GPU} nvidia-18 auto (defined)\n0`],
      [`stop -u ${UUID}`, '0'],
      [`undefine -u ${UUID}`, '0'],
      ['list', '0'],
    ] as const;
    for (const [words, expected] of steps) {
      expect([words, mdevctl(words, own)]).toEqual([words, expected]);
    }
  },
);
