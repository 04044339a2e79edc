import { expect, it } from 'vitest';
import { SEED } from '../support/seed.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { buildProgram, runCommand } from './programs.ts';
import { count, STRIDE } from './settings.ts';

const program = await buildProgram('init');
/** Making a host takes a thousand calls. */
const EVERY = STRIDE === 0 ? 10 : STRIDE;

it(`a simulated host is made as a whole or not at all, and made again after that (SEED=${SEED})`, async () => {
  const command = [program, temporaryFolder({ inMemory: true }), `${SEED}`, `${EVERY}`];
  const { code, stdout, stderr } = await runCommand(process.execPath, command);
  expect([code, stderr]).toEqual([0, '']);
  const { nothing, all }: { nothing: number; all: number } = JSON.parse(stdout);
  count('init', 'sim-init', { nothing, all });
  expect(nothing).toBeGreaterThan(20);
});
