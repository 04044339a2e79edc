import { describe, expect, test } from 'vitest';
import { findDatatype, type Parameter } from '../../src/relaxng/datatype.ts';
import { facetCases, typeCases } from './datatype-cases.ts';

const xsd = 'http://www.w3.org/2001/XMLSchema-datatypes';

function accepts(type: string, parameters: readonly Parameter[], text: string): boolean {
  const datatype = findDatatype(xsd, type, parameters);
  if (typeof datatype === 'string') throw new Error(datatype);
  return datatype.accepts(text);
}

describe.each(typeCases)('%s', (type, accepted, refused) => {
  test.each(accepted)('accepts %j', (text) => {
    expect(accepts(type, [], text)).toBe(true);
  });
  test.each(refused.map((text) => [text]))('refuses %j', (text) => {
    expect(accepts(type, [], text)).toBe(false);
  });
});

describe.each(facetCases)('%s with %j', (type, given, accepted, refused) => {
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
  ['integer', '-0', '0'],
  ['int', '+01', '1'],
  ['int', '-007', '-7'],
  ['double', '1e2', '100'],
  ['token', ' a  b', 'a b'],
])('%s: %s and %s are one value', (type, one, other) => {
  const datatype = findDatatype(xsd, type);
  if (typeof datatype === 'string') throw new Error(datatype);
  expect(datatype.key(one)).toBe(datatype.key(other));
});

test.each([
  ['string', 'a', 'a '],
  ['double', '1', '1.0000001'],
  ['int', '1', '-1'],
  ['dateTime', '2024-01-01T00:00:00', '2024-01-01T00:00:00Z'],
])('%s: %s and %s are two values', (type, one, other) => {
  const datatype = findDatatype(xsd, type);
  if (typeof datatype === 'string') throw new Error(datatype);
  expect(datatype.key(one)).not.toBe(datatype.key(other));
});

test.each([
  ['urn:other', 'string', [], "unknown datatype library 'urn:other'"],
  [xsd, 'text', [], "unknown datatype 'text'"],
  ['', 'int', [], `'int' needs datatypeLibrary='${xsd}'`],
  ['', 'string', [['maxLength', '1']], "'string' takes no parameters"],
  [xsd, 'string', [['enumeration', 'a']], "unknown parameter 'enumeration'"],
  [xsd, 'string', [['minInclusive', '1']], "'minInclusive' does not apply to this type"],
  [xsd, 'boolean', [], "unknown datatype 'boolean'"],
  [xsd, 'int', [['minInclusive', 'x']], "'minInclusive' must be a value of the type, not 'x'"],
  [xsd, 'int', [['maxLength', '1']], "'maxLength' does not apply to this type"],
  [xsd, 'string', [['maxLength', '-1']], "'maxLength' must be a whole number, not '-1'"],
  [xsd, 'string', [['pattern', '(']], "bad pattern: '(' without ')' (character 2 of '(')"],
] as const)('%s %s %j is refused', (library, type, parameters, reason) => {
  const given = parameters.map(([name, value]) => ({ name, value }));
  expect(findDatatype(library, type, given)).toBe(reason);
});
