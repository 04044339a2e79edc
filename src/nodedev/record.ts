import type { XmlElement } from '../xml/element.ts';
import type { ExtraAttribute } from './model.ts';
import { child } from './fields.ts';
import type {
  CapabilityTableFor,
  Entry,
  Field,
  FieldsOf,
  RecordType,
  Table,
  TableFor,
  Tag,
} from './table.ts';

type Settings<T> = Partial<
  Pick<
    RecordType<T>,
    | 'tag'
    | 'extensible'
    | 'expanded'
    | 'repeats'
    | 'optionalWhenEmpty'
    | 'single'
    | 'suits'
    | 'recognises'
    | 'check'
  >
>;

/** The properties of every capability, beside the fields of its table. */
export interface CapabilityParts<Kind extends string> {
  readonly kind: Kind;
  /** Child elements that the table does not know, unchanged. */
  readonly extra: readonly XmlElement[];
  readonly extraAttributes?: readonly ExtraAttribute[] | undefined;
}

/** A structure whose TypeScript type follows from its table. Unknown content is refused. */
export function recordType<const Lines extends Table>(lines: Lines): RecordType<FieldsOf<Lines>> {
  return build(lines, {});
}

/** As {@link recordType}; unknown child elements are kept in `extra`. */
export function extensible<const Lines extends Table>(
  lines: Lines,
  settings: Settings<FieldsOf<Lines> & { readonly extra: readonly XmlElement[] }> = {},
): RecordType<FieldsOf<Lines> & { readonly extra: readonly XmlElement[] }> {
  return build(lines, { ...settings, extensible: true });
}

/** The structure of a given interface. The compiler checks that the table has all its properties. */
export function recordTypeOf<T>(lines: TableFor<T>, settings: Settings<T> = {}): RecordType<T> {
  return build(lines, settings);
}

/** An element with a single value in it: `<driver><name>…</name></driver>`. */
export function wrapped<T>(field: Field<T>): RecordType<T> {
  return build({ value: field }, { single: true });
}

/** A `<capability type='kind'>`. */
export function capability<const Kind extends string, const Lines extends Table>(
  kind: Kind,
  lines: Lines,
  settings: Settings<FieldsOf<Lines> & CapabilityParts<Kind>> = {},
): RecordType<FieldsOf<Lines> & CapabilityParts<Kind>> {
  return build(lines, { ...asCapability(kind), ...settings });
}

/** The `<capability>` of a given interface. With a `tag`, its type in XML differs from its kind. */
export function capabilityOf<T extends CapabilityParts<string>>(
  kind: T['kind'],
  lines: CapabilityTableFor<T>,
  settings: Settings<T> = {},
): RecordType<T> {
  return build(lines, { ...asCapability(kind), ...settings });
}

/** A capability whose element contains another one with all the content. `suits` and `recognises` say when. */
export function wrappedCapability<T extends CapabilityParts<string>>(
  kind: T['kind'],
  type: RecordType<T>,
  settings: Pick<RecordType<T>, 'suits' | 'recognises'>,
): RecordType<T> {
  return {
    ...wrapped(child('capability', type)),
    tag: ['type', kind],
    capability: kind,
    ...settings,
  };
}

/** An element that differs from others of its name by an attribute's value. */
export function tagged<T>(tag: Tag, type: RecordType<T>): RecordType<T> {
  return { ...type, tag };
}

function asCapability(kind: string) {
  return { tag: ['type', kind], capability: kind, extensible: true } as const;
}

function build<T>(lines: Table, settings: Settings<T>): RecordType<T> {
  const entries = Object.entries(lines).map(([key, field]) => ({ key, field }));
  const content = entries.find(({ field }) => field.place === 'content');
  const attributes = entries.filter(
    ({ field }) => field.place === 'attribute' || (field.place === 'content' && field.name !== ''),
  );
  const elements = entries.filter(
    ({ field }) => field.place !== 'attribute' && field.place !== 'content',
  );
  return {
    kind: 'record',
    entries,
    attributes: new Map(attributes.map((entry) => [entry.field.name, entry])),
    children: byName(elements),
    content,
    tag: undefined,
    capability: undefined,
    extensible: false,
    expanded: false,
    repeats: undefined,
    optionalWhenEmpty: false,
    single: false,
    holds: (value): value is T => settings.single === true || isFilled(entries, value),
    ...settings,
  };
}

function isFilled(entries: readonly Entry[], value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    entries.every(({ key, field }) => !field.required || Reflect.get(value, key) !== undefined)
  );
}

function byName(entries: readonly Entry[]): Map<string, readonly Entry[]> {
  const groups = new Map<string, readonly Entry[]>();
  for (const entry of entries) {
    groups.set(entry.field.name, [...(groups.get(entry.field.name) ?? []), entry]);
  }
  return groups;
}
