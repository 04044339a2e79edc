import { areCriteria, type Criterion, meets, parseCriteria } from './type-criteria.ts';
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
  const byId = types.filter(({ id }) => id === wanted);
  if (byId.length > 0) return byId;
  if (areCriteria(wanted)) return matchingTypes(types, parseCriteria(wanted));
  const exact = types.filter((type) => typeSpellings(type).includes(wanted));
  if (exact.length > 0) return exact;
  const lower = wanted.toLowerCase().replace(/^0x0+(?=[0-9a-f])/, '0x');
  return types.filter((type) => typeSpellings(type).some((known) => known.toLowerCase() === lower));
}
