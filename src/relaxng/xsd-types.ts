import { namespaceOf, splitName } from './namespaces.ts';
import { dateTimeTypes, durationType } from './xsd-time.ts';
import type { ValueType } from './value-type.ts';
import { compareDecimal, decimalDigits, decimalKey, isDecimal } from './decimal.ts';
import { compileXsdRegex } from './xsd-regex.ts';

/** Code points, the unit of `length` for texts. */
const codePoints = (value: string): number => Array.from(value).length;
const items = (value: string): number => (value === '' ? 0 : value.split(' ').length);

function text(whiteSpace: ValueType['whiteSpace'], pattern?: string): ValueType {
  const regex = pattern === undefined ? undefined : compileXsdRegex(pattern);
  return {
    whiteSpace,
    accepts: (value) => regex === undefined || regex.test(value),
    length: codePoints,
  };
}

/** One or more items of a type, apart by single spaces once collapsed. */
function listOf(item: ValueType): ValueType {
  return {
    whiteSpace: 'collapse',
    accepts: (value, scope) =>
      value !== '' && value.split(' ').every((part) => item.accepts(part, scope)),
    length: items,
  };
}

const decimal: ValueType = {
  whiteSpace: 'collapse',
  accepts: isDecimal,
  key: decimalKey,
  compare: compareDecimal,
  digits: decimalDigits,
};

/** A whole number between limits (inclusive; undefined is none). XML Schema part 2, sections 3.3.13 to 3.3.25. */
function integer(least?: string, most?: string): ValueType {
  return {
    ...decimal,
    accepts: (value) =>
      /^[+-]?\d+$/u.test(value) &&
      (least === undefined || compareDecimal(value, least) >= 0) &&
      (most === undefined || compareDecimal(value, most) <= 0),
  };
}

const floating: ValueType = {
  whiteSpace: 'collapse',
  accepts: (value) => /^(?:[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[Ee][+-]?\d+)?|-?INF|NaN)$/u.test(value),
  key: (value) => String(toNumber(value)),
  compare: (one, other) => {
    const [a, b] = [toNumber(one), toNumber(other)];
    return a === b ? 0 : a - b;
  },
};

/** As {@link floating}, with the values of 32 bits. */
const single: ValueType = {
  ...floating,
  key: (value) => String(Math.fround(toNumber(value))),
  compare: (one, other) => {
    const [a, b] = [Math.fround(toNumber(one)), Math.fround(toNumber(other))];
    return a === b ? 0 : a - b;
  },
};

function toNumber(value: string): number {
  return Number(value.replace('INF', 'Infinity'));
}

const hexBinary: ValueType = {
  whiteSpace: 'collapse',
  accepts: (value) => value.length % 2 === 0 && /^[\da-fA-F]*$/u.test(value),
  key: (value) => value.toUpperCase(),
  length: (value) => value.length / 2,
};

/** The last character before the padding holds only the bits that are left (RFC 2045). */
const base64Binary: ValueType = {
  whiteSpace: 'collapse',
  accepts: (value) => {
    const digits = value.replaceAll(' ', '');
    return (
      digits.length % 4 === 0 &&
      /^[\dA-Za-z+/]*={0,2}$/u.test(digits) &&
      /^$|[^=]$|[^=][AEIMQUYcgkosw048]=$|[^=][AQgw]==$/u.test(digits.slice(-4))
    );
  },
  key: (value) => value.replaceAll(' ', ''),
  length: (value) => Math.floor((value.replaceAll(/[ =]/gu, '').length * 3) / 4),
};

const ncName = String.raw`[\i-[:]][\c-[:]]*`;
const qName: ValueType = {
  whiteSpace: 'collapse',
  usesNamespaces: true,
  accepts: (value, scope) =>
    qNameRegex.test(value) && namespaceOf(splitName(value).prefix, scope) !== undefined,
  key: (value, scope) => {
    const { prefix, local } = splitName(value);
    return `{${namespaceOf(prefix, scope) ?? ''}}${local}`;
  },
  length: codePoints,
};
const qNameRegex = compileXsdRegex(`(${ncName}:)?${ncName}`);

const name = text('collapse', ncName);
const nmtoken = text('collapse', String.raw`\c+`);

/** An entity is one that a DTD declares (sections 3.3.11 and 3.3.12 of XML Schema part 2), and our documents have none. */
const undeclaredEntity: ValueType = { whiteSpace: 'collapse', accepts: () => false };

/** The types of XML Schema part 2, by name. */
export const xsdTypes: ReadonlyMap<string, ValueType> = new Map<string, ValueType>([
  ['string', text('preserve')],
  ['normalizedString', text('replace')],
  ['token', text('collapse')],
  ['language', text('collapse', '[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*')],
  ['Name', text('collapse', String.raw`\i\c*`)],
  ['NCName', name],
  ['ID', name],
  ['IDREF', name],
  ['ENTITY', undeclaredEntity],
  ['IDREFS', listOf(name)],
  ['ENTITIES', undeclaredEntity],
  ['NMTOKEN', nmtoken],
  ['NMTOKENS', listOf(nmtoken)],
  ['QName', qName],
  ['NOTATION', qName],
  // Section 3.2.17 takes nearly every text; what no URI reference can hold is refused, as jing and libxml2 do.
  ['anyURI', text('collapse', String.raw`([^%]|%[0-9A-Fa-f]{2})*`)],
  [
    'boolean',
    {
      whiteSpace: 'collapse',
      accepts: (value) => /^(?:true|false|1|0)$/u.test(value),
      key: (value) => (value === '1' || value === 'true' ? 'true' : 'false'),
    },
  ],
  ['decimal', decimal],
  ['integer', integer()],
  ['nonPositiveInteger', integer(undefined, '0')],
  ['negativeInteger', integer(undefined, '-1')],
  ['nonNegativeInteger', integer('0')],
  ['positiveInteger', integer('1')],
  ['long', integer('-9223372036854775808', '9223372036854775807')],
  ['int', integer('-2147483648', '2147483647')],
  ['short', integer('-32768', '32767')],
  ['byte', integer('-128', '127')],
  ['unsignedLong', integer('0', '18446744073709551615')],
  ['unsignedInt', integer('0', '4294967295')],
  ['unsignedShort', integer('0', '65535')],
  ['unsignedByte', integer('0', '255')],
  ['float', single],
  ['double', floating],
  ['hexBinary', hexBinary],
  ['base64Binary', base64Binary],
  ['duration', durationType],
  ...dateTimeTypes,
]);

/** The types of RELAX NG DTD Compatibility; that ids are unique and references resolve is not checked. */
export const compatibilityTypes: ReadonlyMap<string, ValueType> = new Map([
  ['ID', name],
  ['IDREF', name],
  ['IDREFS', listOf(name)],
]);
