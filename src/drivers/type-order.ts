import { fieldNamed } from './type-criteria.ts';
import type { DescribedType } from './type-facts.ts';

/**
 * Sorts types by a field: numbers largest first, words alphabetically, types without the field last. Equal ones keep their
 * order.
 *
 * @throws NodedevError `criterion-invalid` for an unknown field
 */
export function sortTypes<T extends DescribedType>(types: readonly T[], by: string): readonly T[] {
  const field = fieldNamed(by);
  const key = (type: T): number | string | undefined => {
    const has = field.of(type);
    return typeof has === 'number' ? has : has?.[0];
  };
  return types.toSorted((left, right) => compare(key(left), key(right)));
}

function compare(left: number | string | undefined, right: number | string | undefined): number {
  if (typeof left === 'number' && typeof right === 'number') return right - left;
  if (typeof left === 'string' && typeof right === 'string') return compareIds(left, right);
  return (left === undefined ? 1 : 0) - (right === undefined ? 1 : 0);
}

const NUMERIC = new Intl.Collator('en', { numeric: true });

/** Compares ids, with their numbers by value: `nvidia-35` comes before `nvidia-222`. The order of a parent's types everywhere. */
export function compareIds(one: string, other: string): number {
  return NUMERIC.compare(one, other) || (one < other ? -1 : one > other ? 1 : 0);
}
