import type { XmlElement } from '../xml/element.ts';
import type { Dialect } from './model.ts';
import type { Wording } from './messages.ts';
import type { ValueType } from './values.ts';

/**
 * One line of a table: where a property is in XML, what its content is, and how often it occurs. Reader, writer and tests
 * use it.
 */
export interface Field<T> {
  readonly place: 'attribute' | 'content' | 'child' | 'children' | 'capabilities' | 'nested';
  /** Name of the attribute or child element. For `content`: of an attribute that may have the value instead. */
  readonly name: string;
  /** The content; for capabilities all known ones, in libvirt's order. */
  readonly contents: readonly Content<unknown>[];
  /** A document without it is refused. */
  readonly required: boolean;
  /** What a property is when the document does not say it; undefined: see {@link required}. */
  readonly absent?: T;
  /** Whether an empty value is a value, and not as absent. */
  readonly mayBeEmpty?: boolean;
  /** libvirt's own sentences, where they are better than the general ones. */
  readonly wording: Wording;
  /** The value that a dialect prints; undefined: nothing. Default: the value itself, in every dialect. */
  printed?(value: T | undefined, dialect: Dialect): T | undefined;
  /** Never set. It tells {@link FieldsOf} the type. */
  readonly heldType?: T;
}

/** The content of a field: a value as text, or a structure. */
export type Content<T> = ValueType<T> | RecordType<T>;

/** A structure: an element with attributes, child elements or text of its own. */
export interface RecordType<T> {
  readonly kind: 'record';
  /** In the order libvirt prints them. */
  readonly entries: readonly Entry[];
  readonly attributes: ReadonlyMap<string, Entry>;
  /** By name. There are several for one name when they differ by their tags. */
  readonly children: ReadonlyMap<string, readonly Entry[]>;
  readonly content: Entry | undefined;
  /** The attribute by which elements of one name differ, and its value here: `type='pci'`. */
  readonly tag: Tag | undefined;
  /** The `kind` of a capability's object. */
  readonly capability: string | undefined;
  /** Whether unknown child elements are kept in `extra`. Everything else that is unknown is refused. */
  readonly extensible: boolean;
  /** Whether libvirt prints two tags even when it is empty. */
  readonly expanded: boolean;
  /** Whether there may be several of this capability in one place; undefined: in a device, but not in another capability. */
  readonly repeats: boolean | undefined;
  /** Whether it is absent when nothing is in it. */
  readonly optionalWhenEmpty: boolean;
  /** Whether the value is that of the only field, and not an object. */
  readonly single: boolean;
  /** Whether a value has all required properties, so that it is a T. The types of its fields ensure the rest. */
  holds(value: unknown): value is T;
  /** The sentence about a mistake that concerns several fields; undefined: there is none. */
  check?(value: T, subject: string): string | undefined;
  /** Where a capability has two forms: whether this one is printed, and whether an element is of this one. */
  suits?(value: T, dialect: Dialect): boolean;
  recognises?(element: XmlElement): boolean;
  /** Never set. It tells `TypeOf` the type. */
  readonly heldType?: T;
}

export interface Entry {
  readonly key: string;
  readonly field: Field<unknown>;
}

export type Tag = readonly [attribute: string, value: string];

/** The lines of a table, by property. */
export type Table = Readonly<Record<string, Field<unknown>>>;

/** The type of the object a table describes; undefined in a field's type makes its property optional. */
export type FieldsOf<Lines> = {
  readonly [Key in keyof Lines as IsOptional<Lines[Key]> extends true ? never : Key]: Held<
    Lines[Key]
  >;
} & {
  readonly [Key in keyof Lines as IsOptional<Lines[Key]> extends true ? Key : never]?: Held<
    Lines[Key]
  >;
};

/** The table of a given interface: the compiler refuses a line that is missing, unknown or of another type. */
export type TableFor<T> = {
  readonly [Key in Exclude<keyof T, 'extra' | 'extraAttributes'>]-?: Field<T[Key]>;
};

/** {@link TableFor} for a capability: `kind` is no line of its table. */
export type CapabilityTableFor<T> = Omit<TableFor<T>, 'kind'>;

/** A structure and all structures inside it. */
export function structures(
  type: RecordType<unknown>,
  found = new Set<RecordType<unknown>>(),
): ReadonlySet<RecordType<unknown>> {
  if (found.has(type)) return found;
  found.add(type);
  for (const { field } of type.entries) {
    for (const content of field.contents) {
      if (content.kind === 'record') structures(content, found);
    }
  }
  return found;
}

/** The types of all capabilities that can be inside a structure, at any depth. */
export function capabilityTypes(root: RecordType<unknown>): ReadonlySet<string> {
  const types = [...structures(root)].filter(({ capability }) => capability !== undefined);
  return new Set(types.flatMap(({ tag }) => tag?.[1] ?? []));
}

type Held<Line> = Line extends Field<infer T> ? T : never;
type IsOptional<Line> = undefined extends Held<Line> ? true : false;

/** The type of the object a structure's table describes. */
export type TypeOf<Type> = Type extends RecordType<infer T> ? T : never;
