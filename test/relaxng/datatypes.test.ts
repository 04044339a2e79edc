import { describe, expect, test } from 'vitest';
import { findDatatype, type Parameter } from '../../src/relaxng/datatype.ts';

const xsd = 'http://www.w3.org/2001/XMLSchema-datatypes';

function accepts(type: string, parameters: readonly Parameter[], text: string): boolean {
  const datatype = findDatatype(xsd, type, parameters);
  if (typeof datatype === 'string') throw new Error(datatype);
  return datatype.accepts(text, undefined);
}

/** Texts in and not in the lexical space of each type; the limits are those of XML Schema part 2. */
const types: readonly (readonly [
  type: string,
  accepted: readonly string[],
  refused: readonly string[],
])[] = [
  ['string', ['', ' a\tb ', '\n'], []],
  ['normalizedString', ['', 'a\tb'], []],
  ['token', ['', '  a  b '], []],
  ['boolean', ['true', 'false', '1', '0', ' true\n'], ['', 'TRUE', 'yes', '2', 'true false']],
  [
    'decimal',
    ['0', '-1.5', '+.5', '5.', '0001', ' 1 '],
    ['', '.', '1e5', '1,5', '--1', 'INF', '1 2'],
  ],
  [
    'integer',
    ['0', '-0', '+00012', '123456789012345678901234567890'],
    ['', '1.0', '1.', 'x', '0x1'],
  ],
  ['nonNegativeInteger', ['0', '-0', '+1'], ['-1', '']],
  ['positiveInteger', ['1', '0001'], ['0', '-1', '+0']],
  ['nonPositiveInteger', ['0', '-5'], ['1']],
  ['negativeInteger', ['-1'], ['0', '-0', '1']],
  [
    'long',
    ['9223372036854775807', '-9223372036854775808'],
    ['9223372036854775808', '-9223372036854775809'],
  ],
  ['int', ['2147483647', '-2147483648'], ['2147483648', '-2147483649']],
  ['short', ['32767', '-32768'], ['32768', '-32769']],
  ['byte', ['127', '-128'], ['128', '-129']],
  ['unsignedLong', ['0', '18446744073709551615', '+1'], ['18446744073709551616', '-1']],
  ['unsignedInt', ['4294967295', '-0'], ['4294967296', '-1', '0x10', '1.0']],
  ['unsignedShort', ['65535'], ['65536']],
  ['unsignedByte', ['255', '000255'], ['256']],
  [
    'float',
    ['1', '-1.5E+3', 'INF', '-INF', 'NaN', '.5e1', '1e400'],
    ['', '+INF', 'inf', '1e', 'Infinity', '0x1'],
  ],
  ['double', ['1.7976931348623157e308', '1.'], ['nan', 'e5', '.']],
  ['NCName', ['a', '_x-1.2', 'ä', ' a '], ['', '1a', 'a:b', '-a', 'a b']],
  ['Name', ['a:b', ':', '_'], ['', '1', '-a']],
  ['NMTOKEN', ['1', '-a:b.c', '·'], ['', 'a b', '/']],
  ['NMTOKENS', ['a', ' 1  2\n3 '], ['', ' ', 'a /']],
  ['ID', ['x'], ['x y', '']],
  ['IDREF', ['x'], ['']],
  ['IDREFS', ['x y'], ['', '1']],
  ['ENTITY', ['x'], ['1']],
  ['ENTITIES', ['x y'], ['']],
  ['language', ['en', 'de-CH-1996', 'x-klingon'], ['', 'en_US', 'toolongtag', '1x']],
  ['anyURI', ['', 'http://a/b?c#d', '../x', 'a b', 'ü', '%41'], ['%', '%4', '%zz']],
  ['QName', ['a', 'xml:a'], ['', 'p:a', ':a', 'a:', 'a:b:c', '1']],
  ['hexBinary', ['', '0aF1'], ['0', '0g', '0 1']],
  [
    'base64Binary',
    ['', 'YQ==', 'YWI=', 'YWJj', 'YW Jj\nYWJj'],
    ['Y', 'YQ=', 'YR==', 'YWJ=', 'YWJj=', '?'],
  ],
  [
    'dateTime',
    [
      '2024-02-29T12:00:00',
      '2024-01-01T24:00:00Z',
      '-0044-03-15T00:00:00',
      '12024-01-01T00:00:00.125+14:00',
    ],
    [
      '2023-02-29T12:00:00',
      '2024-01-01',
      '2024-01-01T24:00:01',
      '0000-01-01T00:00:00',
      '2024-13-01T00:00:00',
      '2024-01-01T00:60:00',
      '2024-01-01T00:00:00+14:01',
      '24-01-01T00:00:00',
      '02024-01-01T00:00:00',
      '2024-01-01T25:00:00',
    ],
  ],
  [
    'date',
    ['2000-02-29', '1900-02-28Z', '2024-04-30-13:59'],
    ['1900-02-29', '2024-04-31', '2024-4-1', ''],
  ],
  [
    'time',
    ['00:00:00', '23:59:59.999', '24:00:00', '12:00:00-05:00'],
    ['24:00:01', '12:00', '12:00:60', '1:00:00'],
  ],
  ['gYearMonth', ['2024-02'], ['2024-13', '2024']],
  ['gYear', ['2024', '-0001', '2024Z'], ['24', '0000', '02024']],
  ['gMonthDay', ['--02-29', '--12-31Z'], ['--02-30', '02-29', '--13-01']],
  ['gDay', ['---31', '---01+01:00'], ['---32', '--1', '---00']],
  ['gMonth', ['--12'], ['--13', '12', '--12--']],
  [
    'duration',
    ['P1Y', '-P1Y2M3DT4H5M6.7S', 'PT0S', 'P0Y'],
    ['', 'P', 'PT', 'P1S', 'P1YT', '1Y', 'P-1Y', 'PT1.S'],
  ],
];

describe.each(types)('%s', (type, accepted, refused) => {
  test.each(accepted)('accepts %j', (text) => {
    expect(accepts(type, [], text)).toBe(true);
  });
  test.each(refused.map((text) => [text]))('refuses %j', (text) => {
    expect(accepts(type, [], text)).toBe(false);
  });
});

/** Each facet where it holds and where it does not. */
const facets: readonly (readonly [
  type: string,
  facets: Readonly<Record<string, string>>,
  accepted: readonly string[],
  refused: readonly string[],
])[] = [
  ['string', { length: '2' }, ['ab', '  ', '😀😀'], ['', 'a', 'abc']],
  ['string', { minLength: '1', maxLength: '2' }, ['a', 'ab'], ['', 'abc']],
  ['NMTOKENS', { length: '2' }, ['a b', ' a  b '], ['a', 'a b c']],
  ['hexBinary', { maxLength: '2' }, ['', '0011'], ['001122']],
  ['base64Binary', { length: '2' }, ['YWI='], ['YQ==', 'YWJj']],
  ['int', { minInclusive: '5', maxExclusive: '10' }, ['5', '9', '+09'], ['4', '10', '-7']],
  [
    'decimal',
    { minExclusive: '0.1', maxInclusive: '1.50' },
    ['0.10001', '1.5'],
    ['0.1', '.100', '1.51'],
  ],
  [
    'unsignedLong',
    { maxInclusive: '18446744073709551614' },
    ['18446744073709551614'],
    ['18446744073709551615'],
  ],
  [
    'decimal',
    { totalDigits: '3', fractionDigits: '1' },
    ['12.3', '012.30', '-1'],
    ['1.25', '1234'],
  ],
  [
    'double',
    { minInclusive: '-1e2', maxExclusive: 'INF' },
    ['-100', '1e300'],
    ['-101', 'INF', 'NaN'],
  ],
  ['float', { maxInclusive: 'INF' }, ['INF', '1'], ['NaN']],
  [
    'date',
    { minInclusive: '2024-01-01', maxExclusive: '2024-02-01' },
    ['2024-01-01', '2024-01-31'],
    ['2023-12-31', '2024-02-01', '2024-01-01Z'],
  ],
  [
    'dateTime',
    { minExclusive: '2024-01-01T00:00:00Z' },
    ['2024-01-01T00:00:00.001Z', '2024-01-01T00:00:00-01:00', '2024-01-02T00:00:00'],
    ['2024-01-01T01:00:00+01:00', '2024-01-01T00:00:00.000Z', '2024-01-01T10:00:00'],
  ],
  ['time', { maxInclusive: '12:00:00' }, ['00:00:00', '24:00:00'], ['12:00:01']],
  ['duration', { minInclusive: 'P1M' }, ['P1M', 'P32D', 'P1Y'], ['P27D', 'P28D', 'P31D', '-P1Y']],
  ['token', { pattern: '[a-z]+( [a-z]+)?' }, ['ab', ' ab\ncd '], ['ab cd ef', '']],
  ['string', { pattern: 'a|bc' }, ['a', 'bc'], ['ac', 'abc', ' a']],
];

describe.each(facets)('%s with %j', (type, given, accepted, refused) => {
  const parameters = Object.entries(given).map(([name, value]) => ({ name, value }));
  test.each(accepted.map((text) => [text]))('accepts %j', (text) => {
    expect(accepts(type, parameters, text)).toBe(true);
  });
  test.each(refused.map((text) => [text]))('refuses %j', (text) => {
    expect(accepts(type, parameters, text)).toBe(false);
  });
});

test('several patterns must all match', () => {
  const parameters = ['[a-z]+', '.*x.*'].map((value) => ({ name: 'pattern', value }));
  expect(['axb', 'ab', 'AxB'].map((text) => accepts('string', parameters, text))).toEqual([
    true,
    false,
    false,
  ]);
});

test.each([
  ['boolean', 'true', '1'],
  ['decimal', '1.0', '+01'],
  ['integer', '-0', '0'],
  ['double', '1e2', '100'],
  ['float', '16777217', '16777216'],
  ['hexBinary', 'ff', 'FF'],
  ['base64Binary', 'YW Jj', 'YWJj'],
  ['token', ' a  b', 'a b'],
  ['dateTime', '2024-01-01T00:00:00Z', '2023-12-31T23:00:00.0-01:00'],
  ['dateTime', '2023-12-31T24:00:00', '2024-01-01T00:00:00'],
  ['duration', 'P1Y', 'P12M'],
  ['duration', 'PT60S', 'PT1M'],
])('%s: %s and %s are one value', (type, one, other) => {
  const datatype = findDatatype(xsd, type);
  if (typeof datatype === 'string') throw new Error(datatype);
  expect(datatype.key(one, undefined)).toBe(datatype.key(other, undefined));
});

test.each([
  ['string', 'a', 'a '],
  ['double', '1', '1.0000001'],
  ['dateTime', '2024-01-01T00:00:00', '2024-01-01T00:00:00Z'],
  ['duration', 'P1M', 'P30D'],
])('%s: %s and %s are two values', (type, one, other) => {
  const datatype = findDatatype(xsd, type);
  if (typeof datatype === 'string') throw new Error(datatype);
  expect(datatype.key(one, undefined)).not.toBe(datatype.key(other, undefined));
});

test.each([
  ['urn:other', 'string', [], "unknown datatype library 'urn:other'"],
  [xsd, 'text', [], "unknown datatype 'text'"],
  ['', 'int', [], `'int' needs datatypeLibrary='${xsd}'`],
  ['', 'string', [['length', '1']], "'string' takes no parameters"],
  [xsd, 'string', [['enumeration', 'a']], "unknown parameter 'enumeration'"],
  [xsd, 'string', [['minInclusive', '1']], "'minInclusive' does not apply to this type"],
  [xsd, 'string', [['fractionDigits', '1']], "'fractionDigits' does not apply to this type"],
  [xsd, 'int', [['minInclusive', 'x']], "'minInclusive' must be a value of the type, not 'x'"],
  [xsd, 'int', [['length', '1']], "'length' does not apply to this type"],
  [xsd, 'string', [['length', '-1']], "'length' must be a whole number, not '-1'"],
  [xsd, 'string', [['pattern', '(']], "bad pattern: '(' without ')' (character 2 of '(')"],
] as const)('%s %s %j is refused', (library, type, parameters, reason) => {
  const given = parameters.map(([name, value]) => ({ name, value }));
  expect(findDatatype(library, type, given)).toBe(reason);
});
