import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type Connection, connect } from '../../src/index.ts';
import { makeSimulatedHost } from '../../src/host/simulated/init.ts';
import { readSampleProfile } from '../../src/host/simulated/samples.ts';
import { MEDIATED, stateOf } from '../engine/journal/operations.ts';
import { type FaultOperation, putBeside } from './operations.ts';

/** Copies all of a host into a directory, which is made; sockets too, which Node's cpSync does not copy. */
export function copyHost(from: string, to: string): void {
  execFileSync('cp', ['-a', '-T', from, to]);
}

const COPIES = 16;
const COPY = 'rm -rf "$1" && mkdir "$1" && for n in $(seq "$2"); do cp -a -T "$0" "$1/$n"; done';

/** Copies of a host, one a call, for one use each. They are made together: a process costs as much as a copy. */
export function copiesOf(root: string): () => string {
  const folder = `${root}-copies`;
  let left = 0;
  return () => {
    if (left === 0) {
      execFileSync('sh', ['-c', COPY, root, folder, `${COPIES}`]);
      left = COPIES;
    }
    left -= 1;
    return join(folder, `${left + 1}`);
  };
}

/** All that is below a directory, `./` first. Node's own recursion follows links, of which a host is full. */
export function filesBelow(folder: string): readonly string[] {
  const found = execFileSync('find', ['.'], { cwd: folder, encoding: 'utf8' });
  return found.trim().split('\n').toSorted();
}

/** Two parents with two types each: with all 14, a call would be struck again for each. */
const FAULT_HOST = readSampleProfile('nvidia-m60').replaceAll(
  /<type id='nvidia-(?!18'|22').*?<\/type>/gsu,
  '',
);

/** A host an operation can begin on, and how it looks before and after it. */
export interface Prepared {
  readonly operation: FaultOperation;
  readonly root: string;
  readonly nothing: State;
  readonly all: State;
  /** What a failure may leave as well. */
  readonly failed: State | undefined;
}

type State = Awaited<ReturnType<typeof stateOf>>;

export async function prepare(operation: FaultOperation, folder: string): Promise<Prepared> {
  const root = join(folder, 'host');
  const { ground = MEDIATED } = operation;
  makeSimulatedHost(root, ground === MEDIATED ? FAULT_HOST : ground.profile);
  await withManager(root, (manager) => putBeside(manager, ground));
  await withManager(root, operation.before);
  const nothing = await withManager(root, stateOf);
  const after = async (run: FaultOperation['run']): Promise<State> => {
    const copy = join(folder, 'after');
    copyHost(root, copy);
    const state = await withManager(copy, async (manager) => {
      await run(manager);
      return stateOf(manager);
    });
    rmSync(copy, { recursive: true });
    return state;
  };
  const all = await after(operation.run);
  const failed = operation.failed === undefined ? undefined : await after(operation.failed);
  return { operation, root, nothing, all, failed };
}

/**
 * Recovers a host the operation died on, and says what is left of it: nothing or all, and a host on which the
 * operation works. Throws when it is anything else, or when a file does not parse or was forgotten.
 */
export async function outcomeOf(
  { operation, nothing, all, failed }: Prepared,
  root: string,
): Promise<'nothing' | 'all'> {
  return withManager(root, async (manager) => {
    const issues = await manager.recover();
    const left = issues.filter(({ severity }) => severity === 'error');
    if (left.length > 0) throw new Error(left.map(({ message }) => message).join());
    const state = await stateOf(manager);
    if (failed !== undefined && isSame(state, failed)) return 'nothing';
    if (isSame(state, all)) return 'all';
    if (!isSame(state, nothing)) throw new Error(`a part: ${JSON.stringify(state).slice(0, 2000)}`);
    await operation.run(manager);
    const again = await stateOf(manager);
    if (!isSame(again, all))
      throw new Error(`not as good as new: ${JSON.stringify(again).slice(0, 2000)}`);
    return 'nothing';
  });
}

/** What is left of a host the operation failed on, which has to put everything right by itself. */
export async function unrecoveredOutcomeOf(
  { nothing, all, failed }: Prepared,
  root: string,
): Promise<'nothing' | 'all'> {
  const state = await withManager(root, stateOf);
  if (failed !== undefined && isSame(state, failed)) return 'nothing';
  if (!isSame(state, nothing) && !isSame(state, all)) {
    throw new Error(`a part: ${JSON.stringify(state).slice(0, 2000)}`);
  }
  return isSame(state, nothing) ? 'nothing' : 'all';
}

/** Throws when a killed operation's files are still there after recovery, but for what the next change writes over. */
export function refuseForgotten(root: string): void {
  const forgotten = ['var/lib/virt-nodedev/journal', 'etc/mdevctl.d', 'etc/virt-nodedev.d']
    .flatMap((path) => namesBelow(join(root, path)))
    .filter((name) => /\.virt-nodedev-(?!next$)|\.json$/u.test(name));
  if (forgotten.length > 0) throw new Error(`forgotten: ${forgotten.join()}`);
}

async function withManager<T>(root: string, use: (manager: Connection) => Promise<T>): Promise<T> {
  const manager = await connect(`sim://${root}`);
  try {
    return await use(manager);
  } finally {
    await manager.close();
  }
}

/** Devices that come back are the last of their groups. */
const isSame = (one: State, other: State): boolean =>
  isDeepStrictEqual(inAnyOrder(one), inAnyOrder(other));

const inAnyOrder = ({ groups, ...rest }: State): object => ({
  ...rest,
  groups: groups.map((group) => ({
    ...group,
    members: group.members.toSorted((a, b) => (a.uuid < b.uuid ? -1 : 1)),
  })),
});

function namesBelow(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' });
  } catch {
    return []; // not made yet
  }
}
