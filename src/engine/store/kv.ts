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

/**
 * A small ordered store of plain JSON values with one writer at a time, shared by all processes that open the same one.
 * A write is all or nothing: what `change` did is kept when it returns and gone when it throws.
 */
export interface Kv<V> {
  read<T>(look: (reader: KvReader<V>) => T): T;
  /** Waits until no other process writes; so a write is also the lock between our processes. */
  write<T>(change: (writer: KvWriter<V>) => T): T;
  close(): Promise<void>;
}

/** A store that lives and dies with this process: for hosts in memory. */
export class MemoryKv<V> implements Kv<V> {
  readonly #entries = new SortedMap<V>();

  read<T>(look: (reader: KvReader<V>) => T): T {
    return look(this.#entries);
  }

  write<T>(change: (writer: KvWriter<V>) => T): T {
    const plain: KvWriter<V> = {
      get: (key) => this.#entries.get(key),
      range: (prefix) => this.#entries.range(prefix),
      put: (key, value) => {
        this.#entries.set(key, value);
      },
      delete: (key) => {
        this.#entries.delete(key);
      },
    };
    const { writer, before } = remembering(plain);
    try {
      return change(writer);
    } catch (error) {
      restore(plain, before);
      throw error;
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** A writer, and beside it what the keys written through it held before; undefined: nothing. */
export function remembering<V>(plain: KvWriter<V>): {
  readonly writer: KvWriter<V>;
  readonly before: ReadonlyMap<string, V | undefined>;
} {
  const before = new Map<string, V | undefined>();
  const remember = (key: string): void => {
    if (!before.has(key)) before.set(key, plain.get(key));
  };
  const writer: KvWriter<V> = {
    ...plain,
    put: (key, value) => {
      remember(key);
      plain.put(key, value);
    },
    delete: (key) => {
      remember(key);
      plain.delete(key);
    },
  };
  return { writer, before };
}

/**
 * A writer that keeps what is written through it until `flush`, and asks the one below once for each key: of a change
 * that writes one key many times, as a group with each of its members, only the last value is stored. Only for who has
 * the store to itself meanwhile.
 */
export function buffering<V>(plain: KvWriter<V>): {
  readonly writer: KvWriter<V>;
  readonly flush: () => void;
} {
  const values = new Map<string, V | undefined>();
  const written = new Set<string>();
  const flush = (): void => {
    for (const key of written) {
      const value = values.get(key);
      if (value === undefined) plain.delete(key);
      else plain.put(key, value);
    }
    written.clear();
  };
  const set = (key: string, value: V | undefined): void => {
    values.set(key, value);
    written.add(key);
  };
  const writer: KvWriter<V> = {
    get: (key) => {
      if (!values.has(key)) values.set(key, plain.get(key));
      return values.get(key);
    },
    range: (prefix) => {
      flush();
      return plain.range(prefix);
    },
    put: set,
    delete: (key) => {
      set(key, undefined);
    },
  };
  return { writer, flush };
}

/** Puts back what keys held before. */
export function restore<V>(writer: KvWriter<V>, before: ReadonlyMap<string, V | undefined>): void {
  for (const [key, value] of before) {
    if (value === undefined) writer.delete(key);
    else writer.put(key, value);
  }
}

/** What a store nobody has written yet reads as. Writing goes to a real one. */
export const emptyKv = <V>(): Pick<Kv<V>, 'read'> => ({
  read: (look) => look(new SortedMap<V>()),
});
