/** Entries sorted by key. Those with a common prefix are found without visiting the others. */
export class SortedMap<V> {
  readonly #values = new Map<string, V>();
  /** The sorted keys. Some may have been deleted since. */
  #keys: string[] = [];
  /** New keys that are not sorted yet. */
  #added: string[] = [];

  get(key: string): V | undefined {
    return this.#values.get(key);
  }

  set(key: string, value: V): void {
    if (!this.#values.has(key)) this.#added.push(key);
    this.#values.set(key, value);
    // Of keys that come and go, nothing is kept.
    if (this.#added.length > 2 * this.#values.size + 64) this.#sort();
  }

  delete(key: string): void {
    this.#values.delete(key);
  }

  /** Entries whose key starts with `prefix`, sorted by key. */
  range(prefix: string): readonly (readonly [key: string, value: V])[] {
    this.#sort();
    const keys = this.#keys;
    const found: (readonly [string, V])[] = [];
    for (let index = this.#first(prefix); keys[index]?.startsWith(prefix) === true; index++) {
      const key = keys[index] ?? '';
      const value = this.#values.get(key);
      if (value !== undefined) found.push([key, value]);
    }
    return found;
  }

  /** Inserts a few new keys one by one; many are sorted together with the others. */
  #sort(): void {
    const added = this.#added;
    const isMostlyGone = this.#keys.length > 2 * this.#values.size + 64;
    if (added.length === 0 && !isMostlyGone) return;
    this.#added = [];
    if (added.length > 8 || isMostlyGone) {
      this.#keys = [...new Set([...this.#keys, ...added])]
        .filter((key) => this.#values.has(key))
        .toSorted();
      return;
    }
    for (const key of added) {
      const index = this.#first(key);
      if (this.#keys[index] !== key) this.#keys.splice(index, 0, key);
    }
  }

  /** The index of a key, or where it would be inserted. */
  #first(key: string): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#keys[middle] ?? '') < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
