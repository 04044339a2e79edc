/** A regular expression as a tree. Equal trees are one object, since {@link RegexFactory} makes each only once. */
export type Regex = { readonly id: number; readonly nullable: boolean } & (
  | { readonly kind: 'empty' }
  | { readonly kind: 'characters'; readonly contains: (char: string) => boolean }
  | { readonly kind: 'alternatives'; readonly members: readonly Regex[] }
  | { readonly kind: 'sequence'; readonly first: Regex; readonly second: Regex }
  | { readonly kind: 'repeat'; readonly item: Regex; readonly least: number; readonly most: number }
);

/** Makes regular expressions, each only once, so that sets of them can be compared by their ids. */
export class RegexFactory {
  readonly #made = new Map<string, Regex>();
  /** Matches the empty text. */
  readonly empty: Regex = this.#once('', (id) => ({ id, kind: 'empty', nullable: true }));

  /** The number of expressions made. */
  get size(): number {
    return this.#made.size;
  }

  /** One character of a class, written as in a JavaScript regular expression with the flag `v`. */
  characters(classSource: string): Regex {
    return this.#once(classSource, (id) => {
      const regex = new RegExp(`^${classSource}$`, 'v');
      const contains = (char: string): boolean => regex.test(char);
      return { id, kind: 'characters', contains, nullable: false };
    });
  }

  alternatives(members: readonly Regex[]): Regex {
    const [only] = members;
    if (only !== undefined && members.length === 1) return only;
    return this.#once(`|${idsOf(members)}`, (id) => ({
      id,
      kind: 'alternatives',
      members,
      nullable: members.some(({ nullable }) => nullable),
    }));
  }

  sequence(first: Regex, second: Regex): Regex {
    if (first === this.empty) return second;
    if (second === this.empty) return first;
    const nullable = first.nullable && second.nullable;
    return this.#once(`,${first.id},${second.id}`, (id) => ({
      id,
      kind: 'sequence',
      first,
      second,
      nullable,
    }));
  }

  /** When the item may be empty, any number of it may be left out: then `least` does not matter. */
  repeat(item: Regex, least: number, most: number): Regex {
    if (most === 0 || item === this.empty) return this.empty;
    if (least === 1 && most === 1) return item;
    const needed = item.nullable ? 0 : least;
    return this.#once(`{${item.id},${needed},${most}`, (id) => ({
      id,
      kind: 'repeat',
      item,
      least: needed,
      most,
      nullable: needed === 0,
    }));
  }

  #once(key: string, make: (id: number) => Regex): Regex {
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    const fresh = make(this.#made.size);
    this.#made.set(key, fresh);
    return fresh;
  }
}

/** A key of a set or list of expressions of one factory. */
export function idsOf(regexes: readonly Regex[]): string {
  return regexes.map(({ id }) => id).join();
}
