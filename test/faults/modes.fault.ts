import { chmodSync, chownSync, lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeSimulatedHost } from '../../src/host/simulated/init.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { buildProgram, type Ending, runCommand } from './programs.ts';

const program = await buildProgram('operation');

it.each(['000', '022', '077', '777'])(
  'files and directories have the modes mdevctl and libvirt give theirs, with umask %s',
  async (umask) => {
    const root = join(temporaryFolder(), 'host');
    makeSimulatedHost(root, 'nvidia-m60');
    mkdirSync(join(root, 'etc'), { recursive: true });
    for (const operation of ['define', 'start']) {
      const command = `umask ${umask} && exec "$0" "$@"`;
      const args = [process.execPath, program, `sim://${root}`, operation];
      expect(await runCommand('sh', ['-c', command, ...args])).toMatchObject({ code: 0 });
    }
    const modes = ['run/virt-nodedev', 'var/lib/virt-nodedev', 'etc/mdevctl.d'].flatMap((folder) =>
      ['', ...readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })].map(
        (name) => {
          const path = join(folder, name);
          return `${(lstatSync(join(root, path)).mode & 0o777).toString(8)} ${path}`;
        },
      ),
    );
    const definitions = [1, 2, 3].map(
      (digit) => `644 etc/mdevctl.d/0000:86:00.0/00000000-0000-4000-8000-00000000000${digit}`,
    );
    expect(modes.map((line) => line.replace(/\/$/u, '')).toSorted()).toEqual(
      [
        '755 run/virt-nodedev',
        '644 run/virt-nodedev/active.json',
        '755 run/virt-nodedev/lock',
        '777 run/virt-nodedev/lock/holder.2',
        '644 run/virt-nodedev/lock/lock.2',
        '755 var/lib/virt-nodedev',
        '700 var/lib/virt-nodedev/journal',
        '644 var/lib/virt-nodedev/persistent.json',
        '755 etc/mdevctl.d',
        '755 etc/mdevctl.d/0000:86:00.0',
        ...definitions,
      ].toSorted(),
    );
  },
);

/** Why nobody else can be asked; undefined: they can. */
const isRoot = process.getuid?.() === 0;
if (!isRoot) process.stdout.write('users of a group skipped: only root can be two users\n');

it.skipIf(!isRoot)('two users of a group change one simulated host in turn', async () => {
  const [group, one, other] = [12_345, 12_001, 12_002];
  const folder = temporaryFolder({ inMemory: true });
  chownSync(folder, 0, group);
  chmodSync(folder, 0o2775);
  const as = (user: number, umask: string, ...words: readonly string[]): Promise<Ending> => {
    const ids = [`--reuid=${user}`, `--regid=${user}`, `--groups=${group}`];
    const shell = ['sh', '-c', `umask ${umask} && exec "$0" "$@"`];
    const command = [process.execPath, 'dist/cli/bin.js', '-q', ...words];
    return runCommand('setpriv', [...ids, ...shell, ...command]);
  };
  const init = (name: string) => ['sim', 'init', join(folder, name), '--profile', 'nvidia-m60'];
  const uri = `sim://${join(folder, 'host')}`;
  const uuid = '0695d332-7831-493f-9e71-1c85c8911a08';
  expect(await as(one, '002', ...init('host'))).toMatchObject({ code: 0 });
  for (const [user, umask, ...words] of [
    [one, '002', 'create', 'samples/vgpu.xml'],
    [other, '077', 'create', 'samples/vgpu-second.xml'],
    [other, '022', 'destroy', uuid],
    [one, '022', 'define', 'samples/vgpu.xml'],
    [other, '077', 'start', uuid],
    [one, '022', 'undefine', uuid],
    [other, '002', 'sim', 'reset'],
    [one, '002', 'create', 'samples/vgpu.xml'],
  ] as const) {
    expect(await as(user, umask, '-c', uri, ...words)).toMatchObject({ code: 0, stderr: '' });
  }
  expect(await as(one, '022', ...init('own'))).toMatchObject({ code: 0 });
  const refused = await as(other, '002', '-c', `sim://${folder}/own`, 'create', 'samples/vgpu.xml');
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain('EACCES');
  expect(refused.stderr).not.toContain('root');
});
