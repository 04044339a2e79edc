import { randomOf } from '../relaxng/mutants.ts';

/** Chance, the same for the same seed. */
export interface Dice {
  /** A whole number from 0 up to, but without, `count`. */
  below(count: number): number;
  /** True once in `times`. */
  once(times: number): boolean;
  /** One of a list, which must not be empty. */
  pick<T>(list: readonly T[]): T;
  readonly random: () => number;
}

export function diceOf(seed: number): Dice {
  const random = randomOf(seed);
  const below = (count: number): number => Math.floor(random() * count);
  return {
    random,
    below,
    once: (times) => below(times) === 0,
    pick: (list) => {
      for (const item of list.slice(below(list.length))) return item;
      throw new Error('nothing to pick from');
    },
  };
}
