import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { faultOperationOf } from './operations.ts';
import { copyHost, outcomeOf, prepare, refuseForgotten, unrecoveredOutcomeOf } from './outcome.ts';
import { buildProgram, obstacle, runCommand } from './programs.ts';
import { count, tell } from './settings.ts';

const operation = await buildProgram('operation');
const noStrace = await obstacle('strace', '-o', '/dev/null', 'true');
if (noStrace !== undefined) tell(`native calls skipped: ${noStrace}`);

const SCRIPT = '#!/bin/sh\nexit 0\n';

/** What calls node:net and child processes, which no interception of node:fs sees. */
const PARTS = [
  { part: 'the lock', name: 'destroy', calls: ['socket', 'bind', 'listen', 'connect'], most: 2 },
  {
    part: 'a script of mdevctl',
    name: 'create',
    calls: ['clone', 'execve'],
    most: 8,
  },
] as const;
const FAULTS = ['EMFILE', 'ENOMEM', 'ENOSPC', 'EACCES', 'EIO', 'kill'] as const;

describe.skipIf(noStrace !== undefined).each(PARTS)('$part', ({ part, name, calls, most }) => {
  it.each(FAULTS)(
    'of which a native call meets %s leaves all or nothing, and says why',
    async (fault) => {
      const folder = temporaryFolder();
      const prepared = await prepare(faultOperationOf(name), folder);
      if (name === 'create') {
        const scripts = join(prepared.root, 'etc/mdevctl.d/scripts.d/callouts');
        mkdirSync(scripts, { recursive: true });
        writeFileSync(join(scripts, 'script.sh'), SCRIPT, { mode: 0o755 });
      }
      const copy = join(folder, 'copy');
      const counts = { nothing: 0, all: 0 };
      for (const call of calls) {
        for (let ordinal = 1; ordinal <= most; ordinal += 1) {
          rmSync(copy, { recursive: true, force: true });
          copyHost(prepared.root, copy);
          const log = join(folder, 'log');
          const what = fault === 'kill' ? 'signal=KILL' : `error=${fault}`;
          const inject = `inject=${call}:${what}:when=${ordinal}`;
          const args = ['-f', '-qq', '-o', log, '-e', `trace=${calls.join()}`, '-e', inject];
          const command = [...args, process.execPath, operation, `sim://${copy}`, name];
          const { code, stderr } = await runCommand('strace', command);
          if (!/INJECTED|killed by SIGKILL/u.test(readFileSync(log, 'utf8'))) break;
          const found = await (fault === 'kill' ? outcomeOf : unrecoveredOutcomeOf)(prepared, copy);
          counts[found] += 1;
          refuseForgotten(copy);
          const where = `${call} ${ordinal}: ${found}, code ${code}, told ${stderr}`;
          expect({ where, isTold: fault === 'kill' || (code === 0) === (found === 'all') }).toEqual(
            {
              where,
              isTold: true,
            },
          );
          const saysWhy = /NodedevError: cannot .*\/lock/u.test(stderr);
          expect([where, saysWhy || fault === 'kill' || part !== 'the lock']).toEqual([
            where,
            true,
          ]);
        }
      }
      count('native', `${fault} at ${part}`, counts);
      expect(counts.nothing + counts.all).toBeGreaterThanOrEqual(4);
    },
  );
});
