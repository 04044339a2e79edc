import type { XmlElement } from '../xml/element.ts';
import type { Dialect } from './device.ts';
import type { Wording } from './messages.ts';
import type { ValueType } from './values.ts';

/**
 * One line of a table: where a property stands in XML, what stands there, and how often. Reader, writer and tests all
 * work from it.
 */
export interface Field<T> {
  readonly place: 'attribute' | 'content' | 'child' | 'children' | 'capabilities' | 'nested';
  /** Of the attribute or child element. For `content`: of an attribute that may hold the value instead. */
  readonly name: string;
  /** What stands there; for capabilities each known one, in libvirt's order. */
  readonly contents: readonly Content<unknown>[];
  /** A document without it is refused. */
  readonly required: boolean;
  /** libvirt's own sentences, where it has better ones than the general. */
  readonly wording: Wording;
  /** What a dialect prints; undefined prints nothing. Default: the value itself, in every dialect. */
  printed?(value: T | undefined, dialect: Dialect): T | undefined;
  /** Never there: carries the type for {@link FieldsOf}. */
  readonly heldType?: T;
}

/** What stands in one place: a value as text, or a structure. */
export type Content<T> = ValueType<T> | RecordType<T>;

/** A structure: an element with attributes, child elements or text of its own. */
export interface RecordType<T> {
  readonly kind: 'record';
  /** In the order libvirt prints them. */
  readonly entries: readonly Entry[];
  readonly attributes: ReadonlyMap<string, Entry>;
  /** Several for a name when tags tell the elements apart. */
  readonly children: ReadonlyMap<string, readonly Entry[]>;
  readonly content: Entry | undefined;
  /** An attribute and its value that tell elements of one name apart: `type='pci'`. */
  readonly tag: Tag | undefined;
  /** The `kind` of a capability's object. */
  readonly capability: string | undefined;
  /** Keeps unknown child elements in `extra`. All else unknown is refused. */
  readonly extensible: boolean;
  /** libvirt opens and closes it on two lines even when it is empty. */
  readonly expanded: boolean;
  /** The value is the single field's, not an object. */
  readonly single: boolean;
  /** Whether a value has all that is required, so that it is a T. The lines of its fields vouch for the rest. */
  holds(value: unknown): value is T;
  /** The sentence that says what is wrong with the whole, or undefined. */
  check?(value: T, subject: string): string | undefined;
  /** Where a capability has two forms: whether this one is printed, and whether an element is of this one. */
  suits?(value: T, dialect: Dialect): boolean;
  recognises?(element: XmlElement): boolean;
  /** Never there: carries the type. */
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

/** A table for an interface that is written out: the compiler refuses a missing, unknown or mistyped line. */
export type TableFor<T> = {
  readonly [Key in Exclude<keyof T, 'extra'>]-?: Field<T[Key]>;
};

/** As {@link TableFor}, for a capability: its `kind` is no line. */
export type CapabilityTableFor<T> = Omit<TableFor<T>, 'kind'>;

/** All structures below one, itself included, each once. */
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

/** The types of all capabilities that have a place somewhere below a structure. */
export function capabilityTypes(root: RecordType<unknown>): ReadonlySet<string> {
  const types = [...structures(root)].filter(({ capability }) => capability !== undefined);
  return new Set(types.flatMap(({ tag }) => tag?.[1] ?? []));
}

type Held<Line> = Line extends Field<infer T> ? T : never;
type IsOptional<Line> = undefined extends Held<Line> ? true : false;

/** The type of the object a structure's table describes. */
export type TypeOf<Type> = Type extends RecordType<infer T> ? T : never;
