const BITS = 32;
const FULL = -1;

/** Numbers of which the lowest free one goes first: a bitmap, as the kernel's IDA is (lib/idr.c). */
export class NumberPool {
  /** By number / 32: a bit for each that is taken. */
  readonly #words = new Map<number, number>();
  /** All words before this one are full. */
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
