import { expect, it } from 'vitest';
import { OPERATIONS } from '../engine/journal/operations.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { buildProgram, runCommand } from './programs.ts';
import { count, tell } from './settings.ts';

const program = await buildProgram('full-disk');

/** Why no file system can be mounted here; undefined: it can. */
async function obstacle(): Promise<string | undefined> {
  const probe = 'mount -t tmpfs tmpfs /mnt';
  const { code, stderr } = await runCommand('unshare', ['-m', 'sh', '-c', probe]).catch(
    (error: unknown) => ({ code: 1, stderr: String(error) }),
  );
  return code === 0 ? undefined : stderr.trim();
}

const reason = await obstacle();
if (reason !== undefined) tell(`full disks skipped: no mounts here: ${reason}`);

it.skipIf(reason !== undefined).each(OPERATIONS)(
  '$name on a full disk, and on a read-only one, does all or nothing and says which',
  async ({ name }) => {
    const command = ['-m', process.execPath, program, name, temporaryFolder({ inMemory: true })];
    const { code, stdout, stderr } = await runCommand('unshare', command);
    expect([code, stderr]).toEqual([0, '']);
    const { refused, done }: { refused: number; done: number } = JSON.parse(stdout);
    count('disk', name, { refused, done });
    expect(refused).toBeGreaterThan(0);
  },
);
