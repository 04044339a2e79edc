import type { ValueType } from './value-type.ts';
import { isDateTime } from './xsd-date-time.ts';
import { compileXsdRegex } from './xsd-regex.ts';

function text(whiteSpace: ValueType['whiteSpace'], pattern?: string): ValueType {
  const regex = pattern === undefined ? undefined : compileXsdRegex(pattern);
  return {
    whiteSpace,
    accepts: (value) => regex === undefined || regex.test(value),
    // In code points.
    length: (value) => Array.from(value).length,
  };
}

/** A whole number between two limits, which are allowed values. Sections 3.3.13 to 3.3.25 of XML Schema part 2. */
function integer(least?: string, most?: string): ValueType {
  return {
    whiteSpace: 'collapse',
    accepts: (value) =>
      /^[+-]?\d+$/u.test(value) &&
      (least === undefined || compareIntegers(value, least) >= 0) &&
      (most === undefined || compareIntegers(value, most) <= 0),
    key: shortest,
    compare: compareIntegers,
  };
}

/** `-7` for `-007`, `0` for `-0`. */
function shortest(number: string): string {
  const digits = number.replace(/^[+-]?0*(?=\d)/u, '');
  return number.startsWith('-') && digits !== '0' ? `-${digits}` : digits;
}

/** Compares numbers of any length by their digits, since a JavaScript number would round them. */
function compareIntegers(one: string, other: string): number {
  const [a, b] = [shortest(one), shortest(other)];
  const isNegative = a.startsWith('-');
  if (isNegative !== b.startsWith('-')) return isNegative ? -1 : 1;
  const order = a.length === b.length ? Number(a > b) - Number(a < b) : a.length - b.length;
  return isNegative ? -order : order;
}

function toNumber(double: string): number {
  return Number(double.replace('INF', 'Infinity'));
}

const DOUBLE = /^(?:[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[Ee][+-]?\d+)?|-?INF|NaN)$/u;

/** The types of XML Schema part 2 that the schemas of libvirt and of this package use, by name. */
export const XSD_TYPES: ReadonlyMap<string, ValueType> = new Map([
  ['string', text('preserve')],
  ['token', text('collapse')],
  ['NCName', text('collapse', String.raw`[\i-[:]][\c-[:]]*`)],
  // Section 3.2.17 allows nearly every text. As in jing and libxml2, a `%` must begin an escape.
  ['anyURI', text('collapse', String.raw`([^%]|%[0-9A-Fa-f]{2})*`)],
  ['integer', integer()],
  ['positiveInteger', integer('1')],
  ['long', integer('-9223372036854775808', '9223372036854775807')],
  ['int', integer('-2147483648', '2147483647')],
  ['short', integer('-32768', '32767')],
  ['unsignedLong', integer('0', '18446744073709551615')],
  ['unsignedInt', integer('0', '4294967295')],
  ['unsignedShort', integer('0', '65535')],
  ['unsignedByte', integer('0', '255')],
  [
    'double',
    {
      whiteSpace: 'collapse',
      accepts: (value) => DOUBLE.test(value),
      key: (value) => String(toNumber(value)),
      compare: (one, other) => (one === other ? 0 : toNumber(one) - toNumber(other)),
    },
  ],
  ['dateTime', { whiteSpace: 'collapse', accepts: isDateTime }],
]);
