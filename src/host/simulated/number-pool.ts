const BITS = 32;
const FULL = -1;

/** Gives out the lowest free number first. A bitmap, like the kernel's IDA (lib/idr.c). */
export class NumberPool {
  /** Bits of the taken numbers, by number / 32. */
  readonly #words = new Map<number, number>();
  /** The first word that may have a free number. */
  #first = 0;

  /** The lowest number that is free. */
  lowest(): number {
    while (this.#words.get(this.#first) === FULL) this.#first += 1;
    const free = ~(this.#words.get(this.#first) ?? 0);
    return this.#first * BITS + (BITS - 1 - Math.clz32(free & -free));
  }

  take(number: number): void {
    const [word, bit] = positionOf(number);
    this.#words.set(word, (this.#words.get(word) ?? 0) | bit);
  }

  release(number: number): void {
    const [word, bit] = positionOf(number);
    this.#words.set(word, (this.#words.get(word) ?? 0) & ~bit);
    this.#first = Math.min(this.#first, word);
  }
}

const positionOf = (number: number): readonly [word: number, bit: number] => [
  Math.floor(number / BITS),
  1 << (number % BITS),
];
