import { areCriteria, type Criterion, meets, parseCriteria, plainNumber } from './type-criteria.ts';
import { type DescribedType, typeSpellings } from './type-facts.ts';

/**
 * The types that meet a request: the one with this id; else those with this spelling; else those with this spelling in
 * another case. For criteria: all types that meet them.
 *
 * @throws NodedevError `criterion-invalid`
 */
export function matchingTypes<T extends DescribedType>(
  types: readonly T[],
  wanted: string | readonly Criterion[],
): readonly T[] {
  if (typeof wanted !== 'string') return types.filter((type) => meets(type, wanted));
  const written = wanted.trim();
  const byId = types.filter(({ id }) => id === written);
  if (byId.length > 0) return byId;
  if (areCriteria(written)) return matchingTypes(types, parseCriteria(written));
  const exact = types.filter((type) => typeSpellings(type).includes(written));
  if (exact.length > 0) return exact;
  const lower = plainNumber(written.toLowerCase());
  return types.filter((type) => typeSpellings(type).some((known) => known.toLowerCase() === lower));
}
