import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Kv } from './kv.ts';
import { emptyKv } from './kv.ts';
import { checkOwnFile, storeFailed } from './own-files.ts';

/** Opens a store when it is first needed, and for no more than is needed: LMDB costs a command 40 ms. */
export interface KvSource<V> {
  /**
   * A store nobody has written yet, or that this user may not read, is an empty one.
   * @throws NodedevError `store-failed` when it is there but is no store
   */
  forReading(): Promise<Pick<Kv<V>, 'read'>>;
  /** @throws NodedevError `permission-denied`, `store-failed` */
  forWriting(): Promise<Kv<V>>;
  /** The file of a store that is there but may not be read by this user. */
  hiddenFile(): string | undefined;
  close(): Promise<void>;
}

/** The store in the file at `path` below `root`, shared with other processes. */
export function diskKv<V>(root: string, path: string): KvSource<V> {
  const file = join(root, path);
  let reading: Kv<V> | undefined;
  let writing: Kv<V> | undefined;
  const open = async (readOnly: boolean): Promise<Kv<V>> => {
    checkOwnFile(root, path);
    checkOwnFile(root, `${path}-lock`);
    const { openLmdb } = await import('./kv-lmdb.ts');
    try {
      return openLmdb<V>(file, { readOnly });
    } catch (error) {
      throw storeFailed('open', file, error);
    }
  };
  return {
    async forReading() {
      reading ??= writing;
      if (reading !== undefined) return reading;
      // Empty: another process is only making it.
      if (!isAccessible(file, constants.R_OK) || statSync(file).size === 0) return emptyKv();
      reading = await open(!isAccessible(file, constants.W_OK));
      return reading;
    },
    async forWriting() {
      if (writing !== undefined) return writing;
      if (reading !== undefined && !isAccessible(file, constants.W_OK)) {
        throw storeFailed('open', file, new Error('this user may only read it'));
      }
      writing = reading ?? (await open(false));
      return writing;
    },
    hiddenFile: () => (existsSync(file) && !isAccessible(file, constants.R_OK) ? file : undefined),
    async close() {
      await (writing ?? reading)?.close();
      reading = undefined;
      writing = undefined;
    },
  };
}

/** A store already open, for instance one in memory. */
export function openKv<V>(kv: Kv<V>): KvSource<V> {
  return {
    forReading: () => Promise.resolve(kv),
    forWriting: () => Promise.resolve(kv),
    hiddenFile: () => undefined,
    close: () => kv.close(),
  };
}

function isAccessible(file: string, mode: number): boolean {
  if (!existsSync(file)) return false;
  try {
    accessSync(file, mode);
    return true;
  } catch {
    return false;
  }
}
