import type { Location } from '../errors.ts';
import { NodedevError } from '../errors.ts';
import type { TypeAttribute } from '../nodedev/device.ts';
import { nearMiss } from '../suggest.ts';
import { memoryBytes, memoryText } from './memory.ts';
import type { DescribedType } from './type-facts.ts';
import { type TypeField, typeField, typeFields } from './type-fields.ts';

export type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>=';

/** One condition for types. A type without the field never meets it. */
export interface Criterion {
  readonly field: TypeField;
  readonly comparison: Comparison;
  /** Bytes for memory; a word in lower case. */
  readonly value: number | string;
}

const CRITERION = /^\s*([A-Za-z][\w-]*)\s*(!=|<=|>=|=|<|>)\s*(\S(?:.*\S)?)\s*$/;
const NUMBER = /^\d{1,15}$/;
const RESOLUTION = /^(\d{1,6})x(\d{1,6})$/;

/** Whether a text has criteria: no id or name of a type has one of these characters. */
export function areCriteria(text: string): boolean {
  return /[<>=]/.test(text);
}

/**
 * Reads `framebuffer>=2G, heads=4, series=Q`: conditions separated by commas, all of which must hold. Memory needs a
 * unit (K, M, G or KiB, MiB, GiB); `resolution=2560x1600` means width and height.
 *
 * @throws NodedevError `criterion-invalid`, with what is allowed
 */
export function parseCriteria(text: string): readonly Criterion[] {
  return text.split(',').flatMap(parseCriterion);
}

function parseCriterion(text: string): readonly Criterion[] {
  const [, name, written, value] = CRITERION.exec(text) ?? [];
  if (name === undefined || value === undefined || !isComparison(written)) {
    throw invalid(`'${text.trim()}' is no criterion`, 'write FIELD=VALUE, for example heads=4');
  }
  if (name.toLowerCase() === 'resolution') return resolutionCriteria(text, written, value);
  const field = fieldNamed(name);
  if (field.kind === 'word') {
    if (written !== '=' && written !== '!=') {
      throw invalid(`${field.name} cannot be compared with '${written}'`, 'use = or !=');
    }
    return [{ field, comparison: written, value: plainNumber(value.toLowerCase()) }];
  }
  return [{ field, comparison: written, value: quantity(field, value) }];
}

/** `0x0483` as `0x483`. */
export const plainNumber = (word: string): string => word.replace(/^0x0+(?=[0-9a-f])/, '0x');

function quantity(field: TypeField, written: string): number {
  if (field.kind === 'number') {
    if (NUMBER.test(written)) return Number(written);
    throw invalid(`'${written}' is no value of ${field.name}`, 'write a whole number');
  }
  const bytes = memoryBytes(written);
  if (bytes !== undefined) return bytes;
  throw invalid(
    `'${written}' is no amount of ${field.name}`,
    `write a number with a unit (K, M, G or KiB, MiB, GiB): ${field.name}>=${suggestedAmount(written)}`,
  );
}

/** A suggestion for `2GB` or `2`. */
function suggestedAmount(written: string): string {
  const [, digits, unit = 'G'] = /^(\d{1,9})\s*([KMGkmg]?)/.exec(written) ?? [];
  return `${digits ?? '2'}${unit === '' ? 'G' : unit.toUpperCase()}`;
}

function resolutionCriteria(
  text: string,
  comparison: Comparison,
  value: string,
): readonly Criterion[] {
  const [, width, height] = RESOLUTION.exec(value) ?? [];
  if (width === undefined || height === undefined) {
    throw invalid(`'${value}' is no resolution`, 'write WIDTHxHEIGHT: resolution>=2560x1600');
  }
  if (comparison !== '=' && comparison !== '>=' && comparison !== '<=') {
    throw invalid(
      `'${text.trim()}': resolutions have no such order`,
      'use =, >= or <=, or compare width and height',
    );
  }
  return [
    { field: fieldNamed('width'), comparison, value: Number(width) },
    { field: fieldNamed('height'), comparison, value: Number(height) },
  ];
}

/** The field of this name. @throws NodedevError `criterion-invalid`, with the most similar field or all fields */
export function fieldNamed(name: string, location?: Location): TypeField {
  const field = typeField(name);
  if (field !== undefined) return field;
  const fields = typeFields();
  const names = fields.map((known) => known.name);
  const near = nearMiss(name, [...names, 'resolution', ...fields.flatMap((f) => f.aliases)]);
  throw invalid(
    `types have no '${name}'`,
    near === undefined
      ? `they have ${[...names, 'resolution'].join(', ')}`
      : `did you mean '${near}'?`,
    location,
  );
}

/**
 * The criteria of a `<type>` without id: `<attribute name='framebuffer' min='2097152'/>` and `max`, or a required
 * value. Memory is in KiB here, as everywhere in XML.
 *
 * @throws NodedevError `criterion-invalid`
 */
export function criteriaOfAttributes(
  attributes: readonly TypeAttribute[],
  location?: Location,
): readonly Criterion[] {
  return attributes.flatMap(({ name, value, min, max }) => {
    const field = fieldNamed(name, location);
    const bound = (comparison: Comparison, amount: number | undefined): readonly Criterion[] => {
      if (amount === undefined) return [];
      if (field.kind !== 'word') {
        return [{ field, comparison, value: field.kind === 'memory' ? amount * 1024 : amount }];
      }
      throw invalid(
        `attribute '${name}' of <type> is no number, so it has no min or max`,
        `write <attribute name='${name}'>VALUE</attribute>`,
        location,
      );
    };
    return [
      ...exactly(field, value, location, (amount) => bound('=', amount)),
      ...bound('>=', min),
      ...bound('<=', max),
    ];
  });
}

function exactly(
  field: TypeField,
  value: string | undefined,
  location: Location | undefined,
  equal: (amount: number) => readonly Criterion[],
): readonly Criterion[] {
  if (value === undefined) return [];
  if (field.kind === 'word') return [{ field, comparison: '=', value: value.toLowerCase() }];
  if (NUMBER.test(value)) return equal(Number(value));
  const unit = field.kind === 'memory' ? ' of KiB' : '';
  throw invalid(
    `'${value}' is no value of attribute '${field.name}' of <type>`,
    `write a whole number${unit}`,
    location,
  );
}

/** Whether a type meets all criteria. */
export function meets(type: DescribedType, criteria: readonly Criterion[]): boolean {
  return criteria.every(({ field, comparison, value }) => {
    const has = field.of(type);
    if (has === undefined) return false;
    if (typeof has === 'number') return typeof value === 'number' && holds(has, comparison, value);
    const isOne = has.some((word) => word.toLowerCase() === value);
    return comparison === '=' ? isOne : !isOne;
  });
}

function holds(has: number, comparison: Comparison, value: number): boolean {
  switch (comparison) {
    case '=':
      return has === value;
    case '!=':
      return has !== value;
    case '<':
      return has < value;
    case '<=':
      return has <= value;
    case '>':
      return has > value;
    case '>=':
      return has >= value;
  }
}

/** Criteria as text, in the form for {@link parseCriteria}. */
export function formatCriteria(criteria: readonly Criterion[]): string {
  return criteria
    .map(({ field, comparison, value }) => {
      const written = typeof value === 'number' ? quantityText(field, value) : value;
      return `${field.name}${comparison}${written}`;
    })
    .join(',');
}

/** A field's number as text, with its unit. */
export function quantityText(field: TypeField, value: number): string {
  return field.kind === 'memory' ? memoryText(value) : String(value);
}

function isComparison(text: string | undefined): text is Comparison {
  return text !== undefined && ['=', '!=', '<', '<=', '>', '>='].includes(text);
}

function invalid(message: string, hint: string, location?: Location): NodedevError {
  return new NodedevError('criterion-invalid', message, { hint, location });
}
