import { it } from 'vitest';
import { SEED } from '../support/seed.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { FAULT_OPERATIONS } from './operations.ts';
import { buildProgram, runCommand } from './programs.ts';
import { count, ERRNOS, STRIDE } from './settings.ts';

const program = await buildProgram('crash');

/**
 * How calls are struck, and how many: of those that change something, and of the others, one of so many; so many errnos. What is
 * around the steps is the same for functions that take types, so that fewer are struck there.
 */
const MODES = [
  { mode: 'die', sizes: [4, 40, 1], functions: [16, 160, 1], byHand: [1, 1, 1], least: 2 },
  {
    mode: 'fail-on',
    sizes: [24, 1e6, 1],
    functions: [24, 1e6, 1],
    byHand: [1, 1e6, ERRNOS.length],
    least: 0,
  },
  {
    mode: 'fail',
    sizes: [1, 20, 1],
    functions: [4, 80, 1],
    byHand: [1, 1, ERRNOS.length],
    least: 10,
  },
] as const;

const CASES = MODES.flatMap(({ functions, ...mode }) =>
  FAULT_OPERATIONS.map(({ name, ground }) =>
    ground === undefined ? { name, ...mode } : { name, ...mode, sizes: functions, least: 0 },
  ),
);

it.concurrent.for(CASES)(
  `$name leaves all or nothing when calls of the file system $mode (SEED=${SEED})`,
  async ({ name, mode, sizes, byHand, least }, { expect, onTestFinished: onFinished }) => {
    const folder = temporaryFolder({ inMemory: true, onFinished });
    const numbers = [SEED, ...(STRIDE === 1 ? byHand : sizes)].map(String);
    const command = [program, mode, name, folder, ...numbers];
    const { code, stdout, stderr } = await runCommand(process.execPath, command);
    expect([code, stderr]).toEqual([0, '']);
    const { nothing, all }: { nothing: number; all: number } = JSON.parse(stdout);
    count(mode, name, { nothing, all });
    expect(nothing + all).toBeGreaterThanOrEqual(least);
  },
);
