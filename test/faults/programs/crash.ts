// Lets one operation die, or fail, at calls of node:fs: `crash.ts MODE NAME FOLDER SEED EVERY OTHER ERRNOS`. Prints how
// often which came of it. Calls of node:net and child processes are native: see ../native.fault.ts.
//
// `die`: a crash in process. From that call on every call throws, reads as well, so that nothing can be undone; then
// all that was in memory is thrown away.
// `fail`: that call alone fails, with one errno of seven in turn, and the operation itself must put everything right. A
// write may also have written its first half.
// `fail-on`: from that call on all calls that change something fail, and reads succeed.
//
// Struck is every EVERYth call that changes something, and every OTHERth of the others. Where this begins, and with which
// errno, is by SEED; with ERRNOS, each is struck with so many of them.
import { connect, NodedevError } from '../../../src/index.ts';
import { type FsCall, injected, interceptFs } from '../../support/intercept-fs.mjs';
import { faultOperationOf } from '../operations.ts';
import { ERRNOS } from '../settings.ts';
import { copiesOf, outcomeOf, prepare, refuseForgotten, unrecoveredOutcomeOf } from '../outcome.ts';

/** In the folder of the lock, which a process uses before it changes anything. */
const LOCK = /^\/proc\/self\/fd\/|\/run\/virt-nodedev\/lock/u;
const [mode = '', name = '', folder = '', ...numbers] = process.argv.slice(2);
const [seed = 0, everyChange = 1, everyOther = 1, errnos = 1] = numbers.map(Number);
const operation = faultOperationOf(name);
const prepared = await prepare(operation, folder);
const outcomes = { nothing: 0, all: 0 };
const nextCopy = copiesOf(prepared.root);

await run(nextCopy(), () => undefined); // what is read once in a process is read
const calls: FsCall[] = [];
await run(nextCopy(), (call) => calls.push(call));
let copy = nextCopy();
for (const [isChange, every] of [
  [true, everyChange],
  [false, everyOther],
] as const) {
  const wanted = [...calls.keys()].filter(
    // existsSync meets no error.
    (at) => calls[at]?.isChange === isChange && calls[at].name !== 'existsSync',
  );
  for (const [index, at] of wanted.entries()) {
    if ((index + seed) % every !== 0) continue;
    for (let turn = 0; turn < errnos; turn += 1) {
      await strike(at, ERRNOS[(at + seed + turn) % ERRNOS.length] ?? 'EIO');
    }
  }
}
process.stdout.write(JSON.stringify(outcomes));

/** Runs the operation on a host, and returns what it said it had done. */
async function run(root: string, before: (call: FsCall) => void): Promise<'nothing' | 'all'> {
  const manager = await connect(`sim://${root}`);
  const restore = interceptFs(before);
  const ending = await operation.run(manager).then(
    () => 'all' as const,
    (error: unknown) => {
      if (!(error instanceof NodedevError)) throw error;
      return 'nothing' as const;
    },
  );
  restore();
  await manager.close();
  return ending;
}

async function strike(at: number, errno: string): Promise<void> {
  let index = -1;
  let struck: FsCall | undefined;
  let changes = 0;
  try {
    const told = await run(copy, (call) => {
      index += 1;
      const isHit =
        index === at || (index > at && (mode === 'die' || (mode === 'fail-on' && call.isChange)));
      const isOfLock = call.args.some((arg) => typeof arg === 'string' && LOCK.test(arg));
      if (isOfLock ? isHit : call.isChange && !isHit) changes += 1;
      if (!isHit) return;
      struck ??= call;
      if (mode === 'fail' && at % 3 === 0 && writeHalf(call)) changes += 1;
      throw injected(errno, call);
    });
    if (struck?.name !== calls[at]?.name) throw new Error(`expected ${calls[at]?.name}`);
    outcomes[changes > 0 ? await outcomeOfChanged(told) : refuseAll(told)] += 1;
  } catch (error) {
    const where = `${struck?.name} ${String(struck?.args[0])}`;
    throw new Error(`${mode} at ${at}, ${where}, ${errno}`, { cause: error });
  }
}

/** Nothing below the host was changed, so the copy serves again. */
function refuseAll(told: 'nothing' | 'all'): 'nothing' {
  if (told === 'all') throw new Error('told all, changed nothing');
  return 'nothing';
}

async function outcomeOfChanged(told: 'nothing' | 'all'): Promise<'nothing' | 'all'> {
  if (mode === 'fail') {
    const found = await unrecoveredOutcomeOf(prepared, copy);
    if (found !== told) throw new Error(`told ${told}, found ${found}`);
  }
  const found = await outcomeOf(prepared, copy);
  if (told === 'all' && found === 'nothing') throw new Error('told all, found nothing');
  // A temporary file that could not be removed stays until a recovery; it harms nobody.
  if (mode === 'die') refuseForgotten(copy);
  copy = nextCopy();
  return found;
}

/** A disk that was full in the middle of a write. Returns whether this was a write. */
function writeHalf({ name: call, args: [file, text], real }: FsCall): boolean {
  if (call !== 'writeFileSync' || typeof text !== 'string') return false;
  real(file, text.slice(0, text.length / 2));
  return true;
}
