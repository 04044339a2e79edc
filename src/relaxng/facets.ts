import { compileXsdRegex } from './xsd-regex.ts';
import type { ValueType } from './value-type.ts';

/** Whether a value, after the treatment of white space, is allowed. */
export type Facet = (value: string) => boolean;

/**
 * A facet of XML Schema part 2, section 4.3: one that the schemas of libvirt and of this package use. Returns the reason
 * when the facet is unknown, does not apply to the type, or has a value that is not allowed.
 */
export function compileFacet(type: ValueType, name: string, value: string): Facet | string {
  switch (name) {
    case 'pattern':
      return patternFacet(value);
    case 'maxLength':
      return lengthFacet(type, value);
    case 'minInclusive':
      return orderFacet(type, name, value, (order) => order >= 0);
    case 'maxInclusive':
      return orderFacet(type, name, value, (order) => order <= 0);
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

function lengthFacet({ length }: ValueType, value: string): Facet | string {
  if (length === undefined) return "'maxLength' does not apply to this type";
  if (!/^\s*\+?\d+\s*$/u.test(value)) return `'maxLength' must be a whole number, not '${value}'`;
  const limit = Number(value);
  return (text) => length(text) <= limit;
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
  if (!type.accepts(limit)) return `'${name}' must be a value of the type, not '${value}'`;
  return (text) => holds(compare(text, limit));
}
