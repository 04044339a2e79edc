import { quantityText } from './type-criteria.ts';
import type { DescribedType } from './type-facts.ts';
import { type TypeField, typeFields } from './type-fields.ts';

/** The differences between types: for each type the fields that are not equal for all, `framebuffer 2G, series Q`. */
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

/** Fields that identify a type, and do not describe it. */
const IDENTIFYING: ReadonlySet<string> = new Set(['name', 'id']);

function fieldText(field: TypeField, type: DescribedType): string | undefined {
  const has = field.of(type);
  return typeof has === 'number' ? quantityText(field, has) : has?.[0];
}
