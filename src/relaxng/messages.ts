import type { SchemaCode } from '../codes.ts';
import type { Fix, Issue, Location } from '../errors.ts';
import type { Datatype } from './datatype.ts';
import type { TextExpectation, TypeExpectation } from './expectation.ts';
import { nearMiss } from '../suggest.ts';

/** The codes of schema validation with the rule that each stands for. All are errors. */
export const SCHEMA_RULES: readonly (readonly [code: SchemaCode, sentence: string])[] = [
  ['schema-element-unexpected', 'elements stand where the schema allows them'],
  ['schema-element-repeated', 'an element is there as often as the schema allows'],
  ['schema-element-order', 'elements are in the order the schema demands'],
  ['schema-element-missing', 'elements the schema demands are there'],
  ['schema-attribute-unexpected', 'attributes are those the schema allows'],
  ['schema-attribute-missing', 'attributes the schema demands are there'],
  ['schema-value', 'values of attributes and elements are those the schema allows'],
  ['schema-text', 'text stands where the schema allows text'],
];

/** At most so many names are listed; the others are counted. */
const MOST_LISTED = 12;
/** A value is quoted up to so many characters. */
const LONGEST_QUOTE = 60;

/** `<adress> is not allowed in <source>`, with the name that was probably intended. */
export function elementUnexpected(
  location: Location | undefined,
  name: string,
  parent: string | undefined,
  allowed: readonly string[],
): Issue {
  const expected = allowed.map(tag);
  const near = nearMiss(name, allowed);
  return issue('schema-element-unexpected', location, {
    message:
      parent === undefined
        ? `the root element cannot be <${name}>: expected ${alternatives(expected)}`
        : `<${name}> is not allowed in ${parent}`,
    hint: near === undefined ? listAllowed(expected) : didYouMean(tag(near)),
    fix: nameFix(near),
  });
}

/** `<type> is not allowed in <device> after <capability>`: it is allowed earlier, or in place of another element. */
export function elementMisplaced(
  location: Location | undefined,
  name: string,
  parent: string,
  previous: string | undefined,
  allowed: readonly string[],
): Issue {
  return issue('schema-element-unexpected', location, {
    message: `<${name}> is not allowed in ${parent}${previous === undefined ? '' : ` after <${previous}>`}`,
    hint: listAllowed(allowed.map(tag)),
  });
}

export function elementRepeated(
  location: Location | undefined,
  name: string,
  parent: string,
): Issue {
  return issue('schema-element-repeated', location, {
    message: `<${name}> can only be there once in ${parent}`,
    hint: `remove one <${name}>`,
  });
}

export function elementOrder(
  location: Location | undefined,
  name: string,
  later: string,
  parent: string,
): Issue {
  return issue('schema-element-order', location, {
    message: `<${later}> must come before <${name}> in ${parent}`,
    hint: `move <${later}> up`,
  });
}

export function elementMissing(
  location: Location | undefined,
  parent: string,
  names: readonly string[],
): Issue {
  return issue('schema-element-missing', location, {
    message: `${parent} is missing ${alternatives(names.map(tag))}`,
    hint: undefined,
  });
}

/** For content that is incomplete when no required element can be named. */
export function contentIncomplete(
  location: Location | undefined,
  parent: string,
  allowed: readonly string[],
): Issue {
  return issue('schema-element-missing', location, {
    message: `the content of ${parent} is incomplete`,
    hint: listAllowed(allowed.map(tag)),
  });
}

export function attributeUnexpected(
  location: Location | undefined,
  name: string,
  element: string,
  allowed: readonly string[],
): Issue {
  const near = nearMiss(name, allowed);
  return issue('schema-attribute-unexpected', location, {
    message: `attribute '${name}' is not allowed on ${element}`,
    hint: near === undefined ? listAllowed(allowed) : didYouMean(`'${near}'`),
    fix: nameFix(near),
  });
}

/** @param expected - what the one attribute may say; undefined for alternatives */
export function attributeMissing(
  location: Location | undefined,
  element: string,
  names: readonly string[],
  expected: TextExpectation | undefined,
): Issue {
  const [name = ''] = names;
  const value = expected && onlyValue(expected);
  return issue('schema-attribute-missing', location, {
    message: `${element} is missing attribute ${alternatives(names.map((each) => `'${each}'`))}`,
    hint: value === undefined ? undefined : `write ${name}='${value}'`,
    fix: value === undefined ? undefined : { kind: 'attribute', name, value },
  });
}

/** `bad value 'vfio-pcx' for attribute 'model' of <hostdev>: expected vfio-pci, vfio-ccw or vfio-ap`. */
export function badAttributeValue(
  location: Location | undefined,
  name: string,
  value: string,
  element: string,
  expected: TextExpectation,
): Issue {
  return badValue(
    location,
    `bad value ${quote(value)} for attribute '${name}' of ${element}`,
    value,
    expected,
  );
}

/** `bad content 'zz' in <uuid>: expected UUID`. */
export function badContent(
  location: Location | undefined,
  value: string,
  element: string,
  expected: TextExpectation,
): Issue {
  const found = value === '' ? `${element} is empty` : `bad content ${quote(value)} in ${element}`;
  return badValue(location, found, value, expected);
}

export function textUnexpected(
  location: Location | undefined,
  text: string,
  parent: string,
): Issue {
  return issue('schema-text', location, {
    message: `text ${quote(text.trim())} is not allowed in ${parent}`,
    hint: 'remove it',
  });
}

function badValue(
  location: Location | undefined,
  found: string,
  value: string,
  expected: TextExpectation,
): Issue {
  const { values, types } = expected;
  const near = nearMiss(value, values);
  const meant = near ?? onlyValue(expected);
  const [only] = types;
  const detail =
    only?.label !== undefined && types.length === 1 && values.length === 0
      ? describeDatatype(only.datatype)
      : undefined;
  return issue('schema-value', location, {
    message: `${found}: expected ${alternatives([...values, ...types.map(describeType)])}`,
    hint: near === undefined ? detail : didYouMean(`'${near}'`),
    fix: meant === undefined ? undefined : { kind: 'value', value: meant },
  });
}

function issue(
  code: SchemaCode,
  location: Location | undefined,
  { message, hint, fix }: Pick<Issue, 'message' | 'hint'> & Pick<Partial<Issue>, 'fix'>,
): Issue {
  return { code, severity: 'error', location, message, hint, ...(fix && { fix }) };
}

const nameFix = (name: string | undefined): Fix | undefined =>
  name === undefined || name === '*' ? undefined : { kind: 'name', name };

/** The value that is allowed, when there is one only. */
function onlyValue({ values, types }: TextExpectation): string | undefined {
  return types.length === 0 && values.length === 1 ? values[0] : undefined;
}

function tag(name: string): string {
  return name === '*' ? 'an element' : `<${name}>`;
}

function quote(text: string): string {
  const line = text.replaceAll(/\s+/gu, ' ');
  return line.length > LONGEST_QUOTE ? `'${line.slice(0, LONGEST_QUOTE)}…'` : `'${line}'`;
}

function didYouMean(name: string): string {
  return `did you mean ${name}?`;
}

function listAllowed(names: readonly string[]): string {
  return names.length === 0
    ? 'nothing more is allowed here'
    : `allowed here: ${listed(names).join(', ')}`;
}

/** `a, b or c`. */
function alternatives(names: readonly string[]): string {
  const shown = listed(names);
  const last = shown.at(-1) ?? 'nothing';
  return shown.length < 2 ? last : `${shown.slice(0, -1).join(', ')} or ${last}`;
}

function listed(names: readonly string[]): readonly string[] {
  if (names.length <= MOST_LISTED + 1) return names;
  return [...names.slice(0, MOST_LISTED), `${names.length - MOST_LISTED} others`];
}

function describeType({ datatype, label, isItem }: TypeExpectation): string {
  const text = label ?? describeDatatype(datatype);
  return isItem ? `a list of ${text}` : text;
}

/** `a whole number from 0 to 255`, `text matching [0-9a-f]+`. */
function describeDatatype({ name, parameters }: Datatype): string {
  const base = TYPE_DESCRIPTIONS.get(name) ?? `a value of type ${name}`;
  const parts = parameters.map(
    ({ name: facet, value }) => `${FACET_DESCRIPTIONS.get(facet) ?? facet} ${value}`,
  );
  return [base, ...parts].join(' ');
}

const FACET_DESCRIPTIONS: ReadonlyMap<string, string> = new Map([
  ['pattern', 'matching'],
  ['minInclusive', 'from'],
  ['maxInclusive', 'to'],
  ['maxLength', 'of at most length'],
]);

const TYPE_DESCRIPTIONS: ReadonlyMap<string, string> = new Map([
  ['string', 'text'],
  ['token', 'text'],
  ['double', 'a number'],
  ['integer', 'a whole number'],
  ['long', 'a whole number of 64 bits'],
  ['int', 'a whole number of 32 bits'],
  ['short', 'a whole number of 16 bits'],
  ['positiveInteger', 'a whole number, 1 or more'],
  ['unsignedLong', 'a whole number, 0 or more, of 64 bits'],
  ['unsignedInt', 'a whole number, 0 or more, of 32 bits'],
  ['unsignedShort', 'a whole number, 0 to 65535'],
  ['unsignedByte', 'a whole number, 0 to 255'],
  ['anyURI', 'a URI'],
  ['NCName', 'a name without a colon'],
  ['dateTime', 'a date and time such as 2024-02-29T12:00:00Z'],
]);
