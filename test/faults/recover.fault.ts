import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { connect } from '../../src/index.ts';
import { makeSimulatedHost } from '../../src/host/simulated/init.ts';
import { SEED } from '../support/seed.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { copyHost, refuseForgotten } from './outcome.ts';
import { buildProgram, type Ending, runCommand } from './programs.ts';
import { count, STRIDE } from './settings.ts';

/** Every how many changes a plan is killed. */
const EVERY = STRIDE === 0 ? 24 : STRIDE;
const PRELOAD = join(import.meta.dirname, 'preload.mjs');

const program = await buildProgram('plan-steps');

/** The devices with their params, as the host has them. */
async function devicesOf(root: string): Promise<readonly string[]> {
  const connection = await connect(`sim://${root}`);
  try {
    const left = (await connection.recover()).filter(({ severity }) => severity === 'error');
    if (left.length > 0) throw new Error(left.map(({ message }) => message).join());
    const { items } = await connection.list({ capabilities: ['mdev'] });
    const texts = items.map(({ name }) => connection.dumpxml(name, { dialect: 'extended' }));
    return (await Promise.all(texts)).map((text) => text.replace(/<iommuGroup.*/u, ''));
  } finally {
    await connection.close();
  }
}

it(`a plan that is killed, and whose recovery is killed three times, loses nothing (SEED=${SEED})`, async () => {
  const folder = temporaryFolder({ inMemory: true });
  const root = join(folder, 'host');
  makeSimulatedHost(root, 'nvidia-m60');
  const run = (host: string, what: string, faultAt: number): Promise<Ending> => {
    const command = ['--import', PRELOAD, program, `sim://${host}`, what];
    return runCommand(process.execPath, command, { FAULT_AT: String(faultAt) });
  };
  expect(await run(root, 'before', 0)).toMatchObject({ code: 0 });
  const nothing = await devicesOf(root);
  const copy = join(folder, 'copy');
  const again = (): void => {
    rmSync(copy, { recursive: true, force: true });
    copyHost(root, copy);
  };
  again();
  expect(await run(copy, 'apply', 0)).toMatchObject({ code: 0 });
  const all = await devicesOf(copy);

  let dice = SEED;
  const below = (limit: number): number => {
    dice = (dice * 48_271) % 2_147_483_647;
    return dice % limit;
  };
  const counts = { plans: 0, recoveries: 0, nothing: 0, all: 0 };
  for (let at = 1; ; at += EVERY) {
    again();
    if ((await run(copy, 'apply', at)).signal !== 'SIGKILL') break;
    counts.plans += 1;
    const killedAt = [0, 1, 2].map(() => 1 + below(60));
    for (const recoveryAt of killedAt) {
      const { signal } = await run(copy, 'recover', recoveryAt);
      if (signal === 'SIGKILL') counts.recoveries += 1;
    }
    const devices = await devicesOf(copy);
    const where = `killed at ${at}, recovery at ${killedAt.join(', ')}`;
    expect({ where, oneOf: [nothing, all] }).toMatchObject({
      where,
      oneOf: expect.arrayContaining([devices]),
    });
    counts[devices.length === nothing.length ? 'nothing' : 'all'] += 1;
    refuseForgotten(copy);
  }
  count('recover', 'plan', counts);
  expect(counts.recoveries).toBeGreaterThan(2);
});
