import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'vitest';
import { SEED } from '../support/seed.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { FAULT_OPERATIONS } from './operations.ts';
import { copyHost, outcomeOf, prepare, refuseForgotten } from './outcome.ts';
import { buildProgram, runCommand } from './programs.ts';
import { count, STRIDE } from './settings.ts';

/** Every how many changes a process is really killed; each kill costs a process. */
const EVERY = STRIDE === 0 ? 60 : STRIDE;
const PRELOAD = join(import.meta.dirname, 'preload.mjs');

const operationProgram = await buildProgram('operation');

it.concurrent.for(FAULT_OPERATIONS)(
  `$name leaves all or nothing when it is killed with SIGKILL (SEED=${SEED})`,
  async (operation, { expect, onTestFinished: onFinished }) => {
    const folder = temporaryFolder({ inMemory: true, onFinished });
    const prepared = await prepare(operation, folder);
    const outcomes = { nothing: 0, all: 0 };
    const copy = join(folder, 'copy');
    const runUntil = (faultAt: number) => {
      rmSync(copy, { recursive: true, force: true });
      copyHost(prepared.root, copy);
      const command = ['--import', PRELOAD, operationProgram, `sim://${copy}`, operation.name];
      return runCommand(process.execPath, command, { FAULT_AT: String(faultAt) });
    };
    let ending = await runUntil(1);
    const every = operation.ground === undefined ? EVERY : EVERY * 2;
    for (let faultAt = 2 + (SEED % every); ending.signal === 'SIGKILL'; faultAt += every) {
      outcomes[await outcomeOf(prepared, copy)] += 1;
      refuseForgotten(copy);
      ending = await runUntil(faultAt);
    }
    expect(ending).toMatchObject({ code: 0, stderr: '' });
    count('kill', operation.name, outcomes);
    expect(outcomes.nothing + outcomes.all).toBeGreaterThan(0);
  },
);
