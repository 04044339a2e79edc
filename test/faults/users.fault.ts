import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { makeSimulatedHost } from '../../src/host/simulated/init.ts';
import { filesBelow } from './outcome.ts';
import { buildProgram, obstacle, runCommand } from './programs.ts';
import { tell } from './settings.ts';

const operation = await buildProgram('operation');
const ORDINARY = ['--reuid=65534', '--regid=65534', '--clear-groups'];
const noUsers = await obstacle('setpriv', ...ORDINARY, 'true');
if (noUsers !== undefined) tell(`another user skipped: ${noUsers}`);

it.skipIf(noUsers !== undefined)(
  'who may write to a simulated host, but not to a device that root made there, destroys nothing of it',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'virt-nodedev-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const root = join(folder, 'host');
    makeSimulatedHost(root, 'nvidia-m60');
    execFileSync('chmod', ['-R', 'a+rwX', folder]);
    const run = async (who: readonly string[], what: string) => {
      const [program, ...args] = [...who, process.execPath, operation, `sim://${root}`, what];
      return runCommand(program, args);
    };
    expect(await run([], 'create')).toMatchObject({ code: 0 });
    for (const part of ['run', 'var']) execFileSync('chmod', ['-R', 'a+rwX', join(root, part)]);
    const filesOf = (): readonly string[] =>
      filesBelow(root).filter((name) => !/\/lock\/|^\.\/etc/u.test(name));
    const before = filesOf();
    for (const what of ['destroy', 'sim-reset']) {
      const ending = await run(['setpriv', ...ORDINARY], what);
      expect(ending).toMatchObject({ code: 1, stderr: expect.stringContaining('EACCES') });
      expect(filesOf()).toEqual(before);
    }
    expect(await run([], 'destroy')).toMatchObject({ code: 0 });
  },
);
