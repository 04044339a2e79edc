import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { connect } from '../../../src/index.ts';
import { makeSimulatedHost } from '../../../src/host/simulated/init.ts';
import { interceptFs } from '../../support/intercept-fs.mjs';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { OPERATIONS, type Operation } from '../journal/operations.ts';

let root: string;

beforeEach(() => {
  root = join(temporaryFolder({ inMemory: true }), 'host');
  makeSimulatedHost(root, 'nvidia-m60');
});

/** One change of the file system: `fsync etc/mdevctl.d`, `link etc/mdevctl.d/.x etc/mdevctl.d/PARENT/UUID`. */
interface Change {
  readonly name: string;
  /** Below the root. */
  readonly paths: readonly string[];
}

/** What an operation changes, call by call, through node:fs. */
async function changesOf({ before, run }: Operation): Promise<readonly Change[]> {
  const manager = await connect(`sim://${root}`);
  await before(manager);
  const open = new Map<unknown, string>();
  const changes: Change[] = [];
  const restore = interceptFs(
    ({ name, args, isChange }) => {
      if (!isChange || name === 'openSync') return;
      const paths = args
        .slice(0, ['linkSync', 'renameSync'].includes(name) ? 2 : 1)
        .map((argument) => open.get(argument) ?? String(argument));
      const below = paths.map((path) => path.slice(root.length + 1));
      changes.push({ name: name.replace(/Sync$/u, ''), paths: below });
    },
    ({ name, args }, result) => {
      if (name === 'openSync') open.set(result, String(args[0]));
    },
  );
  await run(manager).finally(restore);
  await manager.close();
  return changes;
}

/** Of the lock nothing outlives a boot. */
const isOurs = (path: string): boolean =>
  /^(?:etc|var|run)\//u.test(path) && !path.startsWith('run/virt-nodedev/lock');
const isJournal = (path: string): boolean => path.startsWith('var/lib/virt-nodedev/journal');

/** Where in the list a path is synced, after a position or at all; -1: never. */
const syncOf = (changes: readonly Change[], path: string, from = 0): number =>
  changes.findIndex(
    ({ name, paths }, index) => index >= from && name === 'fsync' && paths[0] === path,
  );

describe.each(OPERATIONS)('a power cut in $name', (operation) => {
  it('finds no name of a file whose content is not on disk', async () => {
    const changes = await changesOf(operation);
    const named = [...changes.entries()].filter(
      ([, { name, paths }]) => ['link', 'rename'].includes(name) && isOurs(paths[0] ?? ''),
    );
    for (const [placed, { paths }] of named) {
      const [from = '', to = ''] = paths;
      const earlier = changes.slice(0, placed);
      const written = earlier.findLastIndex(
        ({ name, paths: [path] }) => name === 'writeFile' && path === from,
      );
      expect(written).toBeGreaterThanOrEqual(0);
      expect(syncOf(earlier, from, written)).toBeGreaterThan(written);
      // And the name itself, before anything else is changed.
      expect(syncOf(changes, dirname(to), placed)).toBe(placed + 1);
    }
    expect(named.length).toBeGreaterThan(0);
  });

  it('finds names that were made, and not those that were removed', async () => {
    const changes = await changesOf(operation);
    const folders = changes.flatMap(({ name, paths: [path = ''] }, index) =>
      isOurs(path) &&
      (name === 'mkdir' ||
        // The journal's entry goes when all is done: `settled` says the same.
        (name === 'unlink' && !isJournal(path) && !path.includes('.virt-nodedev-')))
        ? [{ folder: dirname(path), index }]
        : [],
    );
    const lost = folders.filter(({ folder, index }) => syncOf(changes, folder, index) === -1);
    expect(lost).toEqual([]);
  });

  it('finds the journal written before anything else was touched', async () => {
    const changes = await changesOf(operation);
    const placed = changes.findIndex(
      ({ name, paths }) => name === 'rename' && isJournal(paths[1] ?? ''),
    );
    const durable = syncOf(changes, 'var/lib/virt-nodedev/journal', placed);
    const first = changes.findIndex(
      ({ paths: [path = '', to] }) =>
        path.startsWith('sys/') ||
        path.startsWith('dev/') ||
        path.startsWith('etc/') ||
        to === 'run/virt-nodedev/active.json',
    );
    expect(placed).toBeGreaterThanOrEqual(0);
    expect(durable).toBe(placed + 1);
    expect(first).toBeGreaterThan(durable);
  });
});
