import { SortedMap } from './sorted-map.ts';

export interface KvReader<V> {
  get(key: string): V | undefined;
  /** Entries whose key starts with `prefix`, sorted by key. */
  range(prefix: string): Iterable<readonly [key: string, value: V]>;
}

export interface KvWriter<V> extends KvReader<V> {
  put(key: string, value: V): void;
  delete(key: string): void;
}

/** The new values of keys; undefined: the key is removed. */
export type Changes<V> = ReadonlyMap<string, V | undefined>;

/** A part of the store: entries that are replaced together, all or none. */
export interface Part<V> {
  /**
   * The current entries, without later changes. It is empty when nothing was written yet; without `all`, also when
   * this user must not read it.
   * @throws NodedevError `store-failed`; `all` also `permission-denied`
   */
  read(all: boolean): KvReader<V>;
  /**
   * Does everything that can fail. Only while the lock is held, after `read`.
   * @throws NodedevError `permission-denied`, `store-failed`: nothing was changed
   */
  prepare(changes: Changes<V>): PreparedChanges;
  /** The file of a part that exists but must not be read by this user. */
  hiddenFile(): string | undefined;
}

/** Changes that one more call makes permanent. */
export interface PreparedChanges {
  /** @throws NodedevError `permission-denied`, `store-failed`: nothing was changed, unless `undo` throws as well */
  readonly keep: () => void;
  /** Before `keep`: removes temporary files. After `keep`, or when it has thrown: restores the former state. */
  readonly undo: () => void;
}

/** A part in memory, which ends with the process: for hosts in memory. */
export class MemoryPart<V> implements Part<V> {
  readonly #entries = new SortedMap<V>();

  read(): KvReader<V> {
    return this.#entries;
  }

  prepare(changes: Changes<V>): PreparedChanges {
    const before = new Map([...changes.keys()].map((key) => [key, this.#entries.get(key)]));
    return {
      keep: () => this.#apply(changes),
      undo: () => this.#apply(before),
    };
  }

  hiddenFile(): string | undefined {
    return undefined;
  }

  #apply(changes: Changes<V>): void {
    for (const [key, value] of changes) {
      if (value === undefined) this.#entries.delete(key);
      else this.#entries.set(key, value);
    }
  }
}

/** Entries together with the changes made so far. */
export function changing<V>(base: KvReader<V>): {
  readonly writer: KvWriter<V>;
  readonly changes: Changes<V>;
  /** Whether an entry has another value than before. */
  readonly isOther: () => boolean;
} {
  const changes = new Map<string, V | undefined>();
  /** The same keys, for look-ups by prefix. */
  const keys = new SortedMap<true>();
  const set = (key: string, value: V | undefined): void => {
    changes.set(key, value);
    keys.set(key, true);
  };
  const writer: KvWriter<V> = {
    get: (key) => (changes.has(key) ? changes.get(key) : base.get(key)),
    range: (prefix) => {
      const changed = keys.range(prefix);
      if (changed.length === 0) return base.range(prefix);
      const entries = new Map(base.range(prefix));
      for (const [key] of changed) {
        const value = changes.get(key);
        if (value === undefined) entries.delete(key);
        else entries.set(key, value);
      }
      return [...entries].toSorted(([one], [other]) => (one < other ? -1 : 1));
    },
    put: set,
    delete: (key) => set(key, undefined),
  };
  const isOther = (): boolean =>
    [...changes].some(([key, value]) => JSON.stringify(value) !== JSON.stringify(base.get(key)));
  return { writer, changes, isOther };
}
