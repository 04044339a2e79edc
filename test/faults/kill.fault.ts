import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { expect, it } from 'vitest';
import {
  connect,
  initSimulatedHost,
  type NodeDeviceManager,
  readSampleProfile,
} from '../../src/index.ts';
import { OPERATIONS, type Operation, stateOf } from '../engine/fused-manager.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { buildProgram, run } from './programs.ts';

/** Every how many changes to kill, so that all is done in minutes; STRIDE=1 tries each. */
const STRIDES: Readonly<Record<string, number | undefined>> = {
  create: 60,
  start: 60,
  destroy: 30,
};
const strideOf = (name: string): number => Number(process.env['STRIDE'] ?? STRIDES[name] ?? 4);
/** More calls than any operation makes. */
const MOST = 5000;

const program = await buildProgram(
  'kill',
  `
  import { OPERATIONS } from ${JSON.stringify(join(process.cwd(), 'test/engine/fused-manager.ts'))};
  const [uri, name] = argv;
  const manager = await connect(uri);
  globalThis.armFault?.();
  await OPERATIONS.find((operation) => operation.name === name).run(manager);
  await manager.close();
`,
);

async function withManager<T>(
  root: string,
  use: (manager: NodeDeviceManager) => Promise<T>,
): Promise<T> {
  const manager = await connect(`sim://${root}`);
  try {
    return await use(manager);
  } finally {
    await manager.close();
  }
}

/** A host the operation can begin on, and how it looks before and after it. */
async function prepared({ before, run: change }: Operation) {
  const root = join(temporaryFolder(), 'host');
  initSimulatedHost(root, readSampleProfile('nvidia-m60'));
  await withManager(root, before);
  const nothing = await withManager(root, stateOf);
  const done = join(temporaryFolder(), 'host');
  cpSync(root, done, { recursive: true, verbatimSymlinks: true });
  const all = await withManager(done, async (manager) => {
    await change(manager);
    return stateOf(manager);
  });
  return { root, nothing, all };
}

it.each(OPERATIONS)(
  'kill -9 in $name at its changes of the file system leaves all or nothing',
  async (operation) => {
    const { root, nothing, all } = await prepared(operation);
    const outcomes = { nothing: 0, all: 0 };
    let kills = 0;
    for (let faultAt = 1; faultAt < MOST; faultAt += strideOf(operation.name)) {
      const folder = temporaryFolder();
      const copy = join(folder, 'host');
      cpSync(root, copy, { recursive: true, verbatimSymlinks: true });
      const { signal, code } = await run(program, [`sim://${copy}`, operation.name], { faultAt });
      if (signal === null) {
        if (code !== 0) throw new Error(`the operation failed: ${code}`);
        break;
      }
      kills += 1;
      const state = await withManager(copy, async (manager) => {
        await manager.recover();
        return withoutCounts(await stateOf(manager));
      });
      expect([nothing, all].map(withoutCounts)).toContainEqual(state);
      const isNothing = isDeepStrictEqual(state, withoutCounts(nothing));
      outcomes[isNothing ? 'nothing' : 'all'] += 1;
      // What is left is as good as new: the operation now works, and ends as without the kill.
      const again = await withManager(copy, async (manager) => {
        if (isNothing) await operation.run(manager);
        return stateOf(manager);
      });
      expect(isNothing ? again : all).toEqual(all);
    }
    process.stdout.write(
      `${operation.name}: ${kills} kills, nothing ${outcomes.nothing}, all ${outcomes.all}\n`,
    );
    expect(kills).toBeGreaterThan(3);
  },
);

/** How many instances are left is the simulated kernel's to put right, at its next change. */
function withoutCounts(state: object): object {
  return { ...state, types: undefined };
}
