import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { OPERATIONS } from '../engine/journal/operations.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { copyHost, outcomeOf, prepare, refuseForgotten } from './outcome.ts';
import { buildProgram, runCommand } from './programs.ts';

/** Every how many changes a process is really killed; each kill costs a process. STRIDE=1: at every one. */
const STRIDE = Number(process.env['STRIDE'] ?? 24);
const PRELOAD = join(import.meta.dirname, 'preload.mjs');

const crashProgram = await buildProgram('crash');
const operationProgram = await buildProgram('operation');

const tell = (line: string): unknown => process.stdout.write(`${line}\n`);

describe.each(OPERATIONS)('$name', (operation) => {
  it.each([
    ['die', 'crashes'],
    ['fail', 'failures'],
  ])('leaves all or nothing when it has to %s at any file-system call', async (mode, what) => {
    const folder = temporaryFolder({ inMemory: true });
    const command = [crashProgram, mode, operation.name, folder];
    const { code, stdout, stderr } = await runCommand(process.execPath, command);
    expect([code, stderr]).toEqual([0, '']);
    const { nothing, all }: { nothing: number; all: number } = JSON.parse(stdout);
    tell(`${operation.name}: ${nothing + all} ${what}, nothing ${nothing}, all ${all}, part 0`);
    expect(nothing + all).toBeGreaterThan(15);
  });

  it('leaves all or nothing when it is killed with SIGKILL', async () => {
    const folder = temporaryFolder();
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
    for (let faultAt = 1 + STRIDE; ending.signal === 'SIGKILL'; faultAt += STRIDE) {
      outcomes[await outcomeOf(prepared, copy)] += 1;
      refuseForgotten(copy);
      ending = await runUntil(faultAt);
    }
    expect(ending).toMatchObject({ code: 0, stderr: '' });
    const { nothing, all } = outcomes;
    tell(`${operation.name}: ${nothing + all} kills, nothing ${nothing}, all ${all}, part 0`);
    expect(nothing + all).toBeGreaterThan(0);
  });
});
