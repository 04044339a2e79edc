import { lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeSimulatedHost } from '../../src/host/simulated/init.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { buildProgram, runCommand } from './programs.ts';

const program = await buildProgram('operation');

it.each(['000', '022', '077'])(
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
