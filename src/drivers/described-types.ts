import type { CardType, Driver, ListedType, SourcedItem } from './driver.ts';
import { resolutionItems } from './description.ts';

/**
 * Types whose description has all that is known of them, and where the added items are from. A type that lacks nothing is
 * returned as it is, and so is a list of such types.
 *
 * @param listed the board's types in the driver's file, by id
 * @param all the types of the board
 */
export function describedTypes<T extends CardType>(
  driver: Driver | undefined,
  types: readonly T[],
  listed: ReadonlyMap<string, ListedType>,
  all: readonly Pick<CardType, 'name'>[] = types,
): readonly T[] {
  if (driver?.lacking === undefined) return types;
  const described = types.map((type) => {
    const items = driver.lacking?.(type, all, listed.get(type.id)) ?? [];
    return items.length === 0 ? type : withItems(type, items);
  });
  return described.every((type, index) => type === types[index]) ? types : described;
}

/** The other properties stay as they are: some are read from files when they are asked for. */
function withItems<T extends CardType>(type: T, items: readonly SourcedItem[]): T {
  const own = type.description === undefined ? [] : [type.description];
  const added = items.map(({ name, value }) => `${name}=${value}`);
  const sources = Object.fromEntries(
    items.flatMap(({ name, value, source }) => {
      const parts = name === 'max_resolution' ? resolutionItems(value) : undefined;
      return (parts ?? [{ name }]).map((part) => [part.name, source] as const);
    }),
  );
  const copy = Object.defineProperties<Partial<T>>(
    {},
    {
      ...Object.getOwnPropertyDescriptors(type),
      description: { value: [...own, ...added].join(', '), enumerable: true },
      sources: { value: sources, enumerable: true },
      ownDescription: { value: type.description, enumerable: true },
    },
  );
  return isWhole(copy, type) ? copy : type;
}

/** Whether a copy has every property of a type. */
const isWhole = <T extends CardType>(copy: Partial<T>, type: T): copy is T =>
  Object.keys(type).every((key) => Object.hasOwn(copy, key));
