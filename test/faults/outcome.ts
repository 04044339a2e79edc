import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { connect, type NodeDeviceManager } from '../../src/index.ts';
import { makeSimulatedHost } from '../../src/host/simulated/init.ts';
import { type Operation, stateOf } from '../engine/journal/operations.ts';

/** Copies all of a host into a directory, which is made; sockets too, which Node's cpSync does not copy. */
export function copyHost(from: string, to: string): void {
  execFileSync('cp', ['-a', '-T', from, to]);
}

/** A host an operation can begin on, and how it looks before and after it. */
export interface Prepared {
  readonly operation: Operation;
  readonly root: string;
  readonly nothing: object;
  readonly all: object;
}

export async function prepare(operation: Operation, folder: string): Promise<Prepared> {
  const root = join(folder, 'host');
  makeSimulatedHost(root, 'nvidia-m60');
  await withManager(root, operation.before);
  const nothing = await withManager(root, stateOf);
  const done = join(folder, 'done');
  copyHost(root, done);
  const all = await withManager(done, async (manager) => {
    await operation.run(manager);
    return stateOf(manager);
  });
  return { operation, root, nothing, all };
}

/**
 * Recovers a host the operation died on, and says what is left of it: nothing or all, and a host on which the
 * operation works. Throws when it is anything else, or when a file does not parse or was forgotten.
 */
export async function outcomeOf(
  { operation, nothing, all }: Prepared,
  root: string,
): Promise<'nothing' | 'all'> {
  const state = await withManager(root, async (manager) => {
    const issues = await manager.recover();
    const left = issues.filter(({ severity }) => severity === 'error');
    if (left.length > 0) throw new Error(left.map(({ message }) => message).join());
    return stateOf(manager);
  });
  const isNothing = isSame(state, nothing);
  if (!isNothing && !isSame(state, all))
    throw new Error(`a part: ${JSON.stringify(state).slice(0, 2000)}`);
  const again = await withManager(root, async (manager) => {
    if (isNothing) await operation.run(manager);
    return stateOf(manager);
  });
  if (isNothing && !isDeepStrictEqual(again, all)) {
    throw new Error(`not as good as new: ${JSON.stringify(again).slice(0, 2000)}`);
  }
  return isNothing ? 'nothing' : 'all';
}

/** What is left of a host the operation failed on, which has to put everything right by itself. */
export async function unrecoveredOutcomeOf(
  { nothing, all }: Prepared,
  root: string,
): Promise<'nothing' | 'all'> {
  const state = await withManager(root, stateOf);
  if (!isSame(state, nothing) && !isSame(state, all)) {
    throw new Error(`a part: ${JSON.stringify(state).slice(0, 2000)}`);
  }
  return isSame(state, nothing) ? 'nothing' : 'all';
}

/** Throws when a killed operation's files are still there after recovery. */
export function refuseForgotten(root: string): void {
  const forgotten = ['var/lib/virt-nodedev/journal', 'etc/mdevctl.d']
    .flatMap((path) => namesBelow(join(root, path)))
    .filter((name) => name.includes('.virt-nodedev-') || name.endsWith('.json'));
  if (forgotten.length > 0) throw new Error(`forgotten: ${forgotten.join()}`);
}

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

/** How many instances are left is the simulated kernel's to put right, at its next change. */
const isSame = (one: object, other: object): boolean =>
  isDeepStrictEqual({ ...one, types: undefined }, { ...other, types: undefined });

function namesBelow(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' });
  } catch {
    return []; // not made yet
  }
}
