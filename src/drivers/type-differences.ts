import { quantityText } from './type-criteria.ts';
import type { DescribedType } from './type-facts.ts';
import { type TypeField, typeFields } from './type-fields.ts';

/** What tells types apart: `framebuffer 2G, series Q`, for each the fields in which they are not all alike. */
export function typeDifferences(types: readonly DescribedType[]): readonly string[] {
  const telling = typeFields().filter(
    (field) =>
      !IDENTIFYING.has(field.name) && new Set(types.map((type) => fieldText(field, type))).size > 1,
  );
  return types.map((type) =>
    telling
      .flatMap((field) => {
        const text = fieldText(field, type);
        return text === undefined ? [] : [`${field.name} ${text}`];
      })
      .join(', '),
  );
}

/** They say which it is, not what it is. */
const IDENTIFYING: ReadonlySet<string> = new Set(['name', 'id']);

function fieldText(field: TypeField, type: DescribedType): string | undefined {
  const has = field.of(type);
  return typeof has === 'number' ? quantityText(field, has) : has?.[0];
}
