import { cpSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { OPERATIONS } from '../engine/journal/operations.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { outcomeOf, prepare, refuseForgotten } from './outcome.ts';
import { buildProgram, runCommand } from './programs.ts';

const program = await buildProgram('operation');

/** What LMDB changes its files with. A commit writes pages, syncs them, and writes the first page through O_DSYNC. */
const CALLS = 'write,writev,pwrite64,pwritev,fsync,fdatasync,msync,ftruncate';
/** strace, told to look at calls of LMDB on the stores below a root only. */
const traced = (root: string, log: string, ...more: readonly string[]): readonly string[] => [
  '-f',
  '-qq',
  '-o',
  log,
  '-e',
  `trace=${CALLS}`,
  ...more,
  ...['run/virt-nodedev/active.mdb', 'var/lib/virt-nodedev/persistent.mdb'].flatMap((path) => [
    '-P',
    join(root, path),
  ]),
  process.execPath,
  program,
  `sim://${root}`,
];

const probe = await runCommand('strace', ['-o', '/dev/null', 'true']).catch((error: unknown) => ({
  code: 1,
  stderr: String(error),
}));
if (probe.code !== 0) {
  process.stdout.write(`kills in LMDB skipped: strace cannot run: ${probe.stderr.trim()}\n`);
}

it.skipIf(probe.code !== 0).each(OPERATIONS)(
  'kill -9 in LMDB during $name leaves all or nothing',
  async (operation) => {
    const folder = temporaryFolder();
    const prepared = await prepare(operation, folder);
    const copy = join(folder, 'copy');
    const log = join(folder, 'log');
    const run = (...more: readonly string[]) => {
      rmSync(copy, { recursive: true, force: true });
      cpSync(prepared.root, copy, { recursive: true, verbatimSymlinks: true });
      return runCommand('strace', [...traced(copy, log, ...more), operation.name]);
    };
    expect(await run()).toMatchObject({ code: 0, stderr: '' });
    const calls = callsIn(readFileSync(log, 'utf8'));
    const outcomes = { nothing: 0, all: 0 };
    for (const { name, ordinal } of calls) {
      await run('-e', `inject=${name}:signal=KILL:when=${ordinal}`);
      expect(readFileSync(log, 'utf8')).toContain('killed by SIGKILL');
      outcomes[await outcomeOf(prepared, copy)] += 1;
      refuseForgotten(copy);
    }
    const { nothing, all } = outcomes;
    process.stdout.write(
      `${operation.name}: ${calls.length} kills, one at each call of LMDB: nothing ${nothing}, all ${all}, part 0\n`,
    );
    expect(nothing + all).toBeGreaterThan(1);
  },
);

/** The calls of a log, each with its number among those of its name, which strace counts by. */
function callsIn(log: string): readonly { readonly name: string; readonly ordinal: number }[] {
  const counts = new Map<string, number>();
  return [...log.matchAll(/^\d+ +(\w+)\(/gmu)].map(([, name = '']) => {
    const ordinal = (counts.get(name) ?? 0) + 1;
    counts.set(name, ordinal);
    return { name, ordinal };
  });
}
