import type { Dialect, OtherCapability } from './model.ts';
import type { Wording } from './messages.ts';
import type { Content, Field, RecordType, TypeOf } from './table.ts';
import type { ValueType } from './values.ts';

/** A required attribute. */
export function attribute<T>(name: string, type: ValueType<T>, wording: Wording = {}): Field<T> {
  return { place: 'attribute', name, contents: [type], required: true, wording };
}

/** The element's own text. `alias` is an attribute that may have the value instead: it is read, but never printed. */
export function content<T>(type: ValueType<T>, alias = ''): Field<T> {
  return { place: 'content', name: alias, contents: [type], required: true, wording: {} };
}

/** Exactly one child element. */
export function child<T>(name: string, type: Content<T>, wording: Wording = {}): Field<T> {
  return { place: 'child', name, contents: [type], required: true, wording };
}

/** Any number of child elements, in order. */
export function children<T>(name: string, type: Content<T>): Field<readonly T[]> {
  return { place: 'children', name, contents: [type], required: false, wording: {} };
}

/** At least one child element. */
export function oneOrMore<T>(
  name: string,
  type: Content<T>,
  wording: Wording = {},
): Field<readonly T[]> {
  return { place: 'children', name, contents: [type], required: true, wording };
}

/** The type of a capability that a list of capabilities is made for. */
type AnyCapability = RecordType<{ readonly kind: string }>;

/** What a list of capabilities holds: the known ones, and others as they are. */
type Held<Known extends readonly AnyCapability[]> = TypeOf<Known[number]> | OtherCapability;

/** `<capability>` elements: the known ones, and unknown ones kept as they are. In document order. */
export function capabilities<const Known extends readonly AnyCapability[]>(
  ...known: Known
): Field<readonly Held<Known>[]> {
  return {
    place: 'capabilities',
    name: 'capability',
    contents: known,
    required: false,
    wording: {},
  };
}

/**
 * Capabilities inside another one, most of them once. They are printed in the order given here. libvirt has one of each type: its dialect prints the
 * last one, and leaves out unknown ones, as it does with all unknown child elements.
 */
export function nested<const Known extends readonly AnyCapability[]>(
  ...known: Known
): Field<readonly Held<Known>[]> {
  const kinds = known.map((type) => type.capability);
  const rank = ({ kind }: { readonly kind: string }): number =>
    kind === 'other' ? kinds.length : kinds.indexOf(kind);
  return printed({ ...capabilities(...known), place: 'nested' }, (held = [], dialect) =>
    held
      .filter(
        ({ kind }, index) =>
          dialect !== 'libvirt' ||
          (kind !== 'other' && held.findLastIndex((other) => other.kind === kind) === index),
      )
      .toSorted((first, second) => rank(first) - rank(second)),
  );
}

/** A field that may be absent. Then the property is undefined. */
export function optional<T>(field: Field<T>): Field<T | undefined> {
  return { ...field, required: false };
}

/** A field that may be absent, and then has that value. */
export function absentAs<T>(absent: T, field: Field<T>): Field<T> {
  return { ...field, absent };
}

/** A field whose empty value is a value: `value=''`. */
export function mayBeEmpty<T>(field: Field<T>): Field<T> {
  return { ...field, mayBeEmpty: true };
}

/** A field that is printed in these dialects only. */
export function only<T>(dialects: readonly Dialect[], field: Field<T>): Field<T> {
  return printed(field, (value, dialect) => (dialects.includes(dialect) ? value : undefined));
}

/** A field for which another value is printed than the one in the object. */
export function printed<T>(
  field: Field<T>,
  print: (value: T | undefined, dialect: Dialect) => T | undefined,
): Field<T> {
  return { ...field, printed: print };
}
