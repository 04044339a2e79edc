// Lets one operation die, or fail, at every call of node:fs that changes something: `crash.ts MODE NAME FOLDER`. Prints
// how often which came of it. Those of node:net are native: see ../lock.fault.ts.
//
// `die`: a crash in process. From that call on every call throws, reads as well, so that nothing can be undone; then
// all that was in memory is thrown away.
// `fail`: that call alone fails, with each errno, and the operation itself must put everything right. Only calls on
// our own files: the others are the simulated kernel's.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '../../../src/index.ts';
import { operationOf } from '../../engine/journal/operations.ts';
import { interceptFs } from '../../support/intercept-fs.mjs';
import { copyHost, outcomeOf, prepare, refuseForgotten, unrecoveredOutcomeOf } from '../outcome.ts';

const [mode = '', name = '', folder = ''] = process.argv.slice(2);
const ERRNOS = mode === 'die' ? ['EIO'] : ['EIO', 'ENOSPC', 'EACCES', 'EROFS', 'EDQUOT', 'EMFILE'];
const operation = operationOf(name);
const prepared = await prepare(operation, folder);
const outcomes = { nothing: 0, all: 0 };
const copy = join(folder, 'copy');

for (let at = 1, isOver = false; !isOver; at += 1) {
  for (const errno of ERRNOS) {
    copyHost(prepared.root, copy);
    const ending = await strike(at, errno);
    isOver = ending === undefined;
    if (ending !== undefined) {
      if (mode === 'fail' && ending !== (await unrecoveredOutcomeOf(prepared, copy))) {
        throw new Error(`call ${at}, ${errno}: told that ${ending} was done`);
      }
      outcomes[await outcomeOf(prepared, copy)] += 1;
      // A temporary file that could not be removed stays until a recovery; it harms nobody.
      if (mode === 'die') refuseForgotten(copy);
    }
    rmSync(copy, { recursive: true });
  }
}
process.stdout.write(JSON.stringify(outcomes));

/** What the operation said it had done; undefined: it has no such call. */
async function strike(at: number, errno: string): Promise<'nothing' | 'all' | undefined> {
  const manager = await connect(`sim://${copy}`);
  const open = new Map<unknown, string>();
  const isOurs = (argument: unknown): boolean =>
    String(argument).startsWith('/proc/self/fd/') ||
    /^(?:etc|run|var)\//u.test((open.get(argument) ?? String(argument)).slice(copy.length + 1));
  let left = at;
  const restore = interceptFs(
    ({ args, isChange }) => {
      const counts = isChange && (mode === 'die' || isOurs(args[0]));
      if (counts || (left <= 0 && mode === 'die')) left -= 1;
      if (left === 0 ? counts : left < 0 && mode === 'die') {
        throw Object.assign(new Error(`injected ${errno}`), { code: errno });
      }
    },
    ({ name: call, args }, result) => {
      if (call === 'openSync') open.set(result, String(args[0]));
    },
  );
  const ending = await operation.run(manager).then(
    () => 'all' as const,
    () => 'nothing' as const,
  );
  restore();
  await manager.close();
  if (left > 0 && ending === 'nothing') throw new Error(`${name} failed by itself`);
  return left > 0 ? undefined : ending;
}
