import { compileXsdRegex } from './xsd-regex.ts';
import type { ValueType } from './value-type.ts';

/** Whether a value, its white space treated, passes. */
export type Facet = (value: string) => boolean;

/**
 * A constraining facet of XML Schema part 2, section 4.3, as RELAX NG takes them (its `enumeration` is a choice of
 * values, its `whiteSpace` is not allowed). Returns the reason when the facet is unknown, does not apply to the
 * type, or has a value that makes no sense.
 */
export function compileFacet(type: ValueType, name: string, value: string): Facet | string {
  switch (name) {
    case 'pattern':
      return patternFacet(value);
    case 'length':
      return countFacet(name, value, type.length, (actual, limit) => actual === limit);
    case 'minLength':
      return countFacet(name, value, type.length, (actual, limit) => actual >= limit);
    case 'maxLength':
      return countFacet(name, value, type.length, (actual, limit) => actual <= limit);
    case 'totalDigits':
    case 'fractionDigits': {
      const { digits } = type;
      const part = name === 'totalDigits' ? 'total' : 'fraction';
      const count = digits === undefined ? undefined : (text: string) => digits(text)[part];
      return countFacet(name, value, count, (actual, limit) => actual <= limit);
    }
    case 'minInclusive':
      return orderFacet(type, name, value, (order) => order >= 0);
    case 'minExclusive':
      return orderFacet(type, name, value, (order) => order > 0);
    case 'maxInclusive':
      return orderFacet(type, name, value, (order) => order <= 0);
    case 'maxExclusive':
      return orderFacet(type, name, value, (order) => order < 0);
    default:
      return `unknown parameter '${name}'`;
  }
}

function patternFacet(value: string): Facet | string {
  try {
    const regex = compileXsdRegex(value);
    return (text) => regex.test(text);
  } catch (error) {
    if (error instanceof SyntaxError) return `bad pattern: ${error.message}`;
    throw error;
  }
}

function countFacet(
  name: string,
  value: string,
  count: ((text: string) => number) | undefined,
  holds: (actual: number, limit: number) => boolean,
): Facet | string {
  if (count === undefined) return `'${name}' does not apply to this type`;
  if (!/^\s*\+?\d+\s*$/u.test(value)) return `'${name}' must be a whole number, not '${value}'`;
  const limit = Number(value);
  return (text) => holds(count(text), limit);
}

function orderFacet(
  type: ValueType,
  name: string,
  value: string,
  holds: (order: number) => boolean,
): Facet | string {
  const { compare } = type;
  if (compare === undefined) return `'${name}' does not apply to this type`;
  const limit = value.trim();
  if (!type.accepts(limit, undefined))
    return `'${name}' must be a value of the type, not '${value}'`;
  return (text) => holds(compare(text, limit));
}
