import { XSD_TYPES } from './xsd-types.ts';
import type { ValueType } from './value-type.ts';
import { compileFacet, type Facet } from './facets.ts';

const XSD_LIBRARY = 'http://www.w3.org/2001/XMLSchema-datatypes';

/** The two types that RELAX NG itself defines. The URI of their library is empty. */
const BUILT_IN_TYPES: ReadonlyMap<string, ValueType> = new Map([
  ['string', { whiteSpace: 'preserve', accepts: () => true }],
  ['token', { whiteSpace: 'collapse', accepts: () => true }],
]);

const LIBRARIES: ReadonlyMap<string, ReadonlyMap<string, ValueType>> = new Map([
  ['', BUILT_IN_TYPES],
  [XSD_LIBRARY, XSD_TYPES],
]);

/** A `<param>` of a `<data>`. */
export interface Parameter {
  readonly name: string;
  readonly value: string;
}

/** A type with its parameters, as `<data>` and `<value>` name it. */
export interface Datatype {
  /** URI of its library. */
  readonly library: string;
  readonly name: string;
  readonly parameters: readonly Parameter[];
  accepts(text: string): boolean;
  /** Two texts of one type are equal when their keys are; undefined for a text the type does not accept. */
  key(text: string): string | undefined;
}

/**
 * Finds a type of a library and applies its parameters. Returns the reason when there is no such library, type or
 * parameter, or when a parameter's value does not fit.
 */
export function findDatatype(
  library: string,
  name: string,
  parameters: readonly Parameter[] = [],
): Datatype | string {
  const types = LIBRARIES.get(library);
  if (types === undefined) return `unknown datatype library '${library}'`;
  const type = types.get(name);
  if (type === undefined) {
    return library === '' && XSD_TYPES.has(name)
      ? `'${name}' needs datatypeLibrary='${XSD_LIBRARY}'`
      : `unknown datatype '${name}'`;
  }
  if (library !== XSD_LIBRARY && parameters.length > 0) return `'${name}' takes no parameters`;
  const facets: Facet[] = [];
  for (const parameter of parameters) {
    const facet = compileFacet(type, parameter.name, parameter.value);
    if (typeof facet === 'string') return facet;
    facets.push(facet);
  }
  return {
    library,
    name,
    parameters,
    accepts: (text) => {
      const value = normalise(text, type.whiteSpace);
      return type.accepts(value) && facets.every((facet) => facet(value));
    },
    key: (text) => {
      const value = normalise(text, type.whiteSpace);
      if (!type.accepts(value)) return undefined;
      return type.key === undefined ? value : type.key(value);
    },
  };
}

/** Treats white space as section 4.3.6 of XML Schema part 2 says. */
export function normalise(text: string, whiteSpace: ValueType['whiteSpace']): string {
  return whiteSpace === 'collapse' && /[\t\n\r]|^ | $| {2}/u.test(text)
    ? splitTokens(text).join(' ')
    : text;
}

/** The tokens between XML's four white space characters. */
export function splitTokens(text: string): string[] {
  return text.split(/[ \t\n\r]+/u).filter((token) => token !== '');
}
