// Crashes one operation at every call of node:fs that changes something: `crash.ts NAME FOLDER`. A crash is in process:
// from that call on every call throws, reads as well, so that nothing can be undone and no commit of LMDB is reached
// (each begins with a look at the journal); then all that was in memory is thrown away. Prints how often which came of it.
import { cpSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '../../../src/index.ts';
import { operationOf } from '../../engine/operations.ts';
import { interceptFs } from '../../support/intercept-fs.mjs';
import { outcomeOf, prepare } from '../outcome.ts';

const [name = '', folder = ''] = process.argv.slice(2);
const operation = operationOf(name);
const prepared = await prepare(operation, folder);
const outcomes = { nothing: 0, all: 0 };
const copy = join(folder, 'copy');

for (let crashAt = 1; ; crashAt += 1) {
  cpSync(prepared.root, copy, { recursive: true, verbatimSymlinks: true });
  if (!(await crash(crashAt))) break;
  leaveLocksToTheDead();
  outcomes[await outcomeOf(prepared, copy)] += 1;
  rmSync(copy, { recursive: true });
}
process.stdout.write(JSON.stringify(outcomes));

/** Whether the operation came to that change. */
async function crash(crashAt: number): Promise<boolean> {
  const manager = await connect(`sim://${copy}`);
  let left = crashAt;
  const restore = interceptFs((call) => {
    if (left > 0 && call.isChange) left -= 1;
    if (left === 0) throw Object.assign(new Error('the process is dead'), { code: 'EIO' });
  });
  const isDone = await operation.run(manager).then(
    () => true,
    () => false,
  );
  restore();
  await manager.close();
  if (left > 0 && !isDone) throw new Error(`${name} failed without a crash`);
  return left === 0;
}

/** Our own locks are those of a process that runs; a killed one's are not. */
function leaveLocksToTheDead(): void {
  for (const lock of ['sim/lock', 'sim/lock.takeover'].map((path) => join(copy, path))) {
    try {
      readlinkSync(lock);
    } catch {
      continue;
    }
    rmSync(lock);
    symlinkSync('1:0', lock);
  }
}
