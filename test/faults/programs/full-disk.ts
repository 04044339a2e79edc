// Runs one operation with a full, then with a read-only file system below each of our folders: `full-disk.ts NAME FOLDER`.
// In a mount namespace of its own, as root: the file systems are small tmpfs. Prints how often which came of it.
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, NodedevError } from '../../../src/index.ts';
import { faultOperationOf } from '../operations.ts';
import { copyHost, outcomeOf, prepare, unrecoveredOutcomeOf } from '../outcome.ts';

const [name = '', folder = ''] = process.argv.slice(2);
const prepared = await prepare(faultOperationOf(name), folder);
const outcomes = { refused: 0, done: 0 };
const copy = join(folder, 'copy');

for (const part of ['etc', 'run', 'var']) {
  for (const state of ['read-only', 0, 4096, 8192, 12288, 16384, 24576, 32768] as const) {
    await runOn(part, state);
  }
}
process.stdout.write(JSON.stringify(outcomes));

/** `state`: `read-only`, or how many bytes are left. */
async function runOn(part: string, state: 'read-only' | number): Promise<void> {
  const mount = join(copy, part);
  const filler = join(mount, 'filler');
  mkdirSync(mount, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m,mode=755', 'tmpfs', mount]);
  copyHost(prepared.root, copy);
  if (state === 'read-only') {
    execFileSync('mount', ['-o', 'remount,ro', mount]);
  } else {
    const { bavail, bsize } = statfsSync(mount);
    writeFileSync(filler, Buffer.alloc(bavail * bsize - state));
  }
  const told = await attempt();
  if (state === 'read-only') execFileSync('mount', ['-o', 'remount,rw', mount]);
  rmSync(filler, { force: true });
  const found = await unrecoveredOutcomeOf(prepared, copy);
  if (found !== told) throw new Error(`${part}, ${state}: told ${told}, found ${found}`);
  await outcomeOf(prepared, copy);
  outcomes[told === 'all' ? 'done' : 'refused'] += 1;
  execFileSync('umount', ['-l', mount]);
  rmSync(copy, { recursive: true });
}

async function attempt(): Promise<'nothing' | 'all'> {
  const manager = await connect(`sim://${copy}`);
  try {
    await prepared.operation.run(manager);
    return 'all';
  } catch (error) {
    if (!(error instanceof NodedevError)) throw error;
    return 'nothing';
  } finally {
    await manager.close();
  }
}
