import type { NamespaceScope } from './namespaces.ts';
import { compatibilityTypes, xsdTypes } from './xsd-types.ts';
import type { ValueType } from './value-type.ts';
import { compileFacet, type Facet } from './facets.ts';
import { unreachable } from './unreachable.ts';

const xsdLibrary = 'http://www.w3.org/2001/XMLSchema-datatypes';
const compatibilityLibrary = 'http://relaxng.org/ns/compatibility/datatypes/1.0';

/** RELAX NG's own two types; its empty library URI. */
const builtInTypes: ReadonlyMap<string, ValueType> = new Map([
  ['string', { whiteSpace: 'preserve', accepts: () => true }],
  ['token', { whiteSpace: 'collapse', accepts: () => true }],
]);

const libraries: ReadonlyMap<string, ReadonlyMap<string, ValueType>> = new Map([
  ['', builtInTypes],
  [xsdLibrary, xsdTypes],
  [compatibilityLibrary, compatibilityTypes],
]);

/** A `<param>` of a `<data>`. */
export interface Parameter {
  readonly name: string;
  readonly value: string;
}

/** A type with its parameters: what `<data>` and `<value>` name. */
export interface Datatype {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  /** Whether what a text means depends on the namespace declarations around it (QName). */
  readonly usesNamespaces: boolean;
  accepts(text: string, scope: NamespaceScope | undefined): boolean;
  /** Two texts of one type are equal when their keys are; undefined for a text the type does not accept. */
  key(text: string, scope: NamespaceScope | undefined): string | undefined;
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
  const types = libraries.get(library);
  if (types === undefined) return `unknown datatype library '${library}'`;
  const type = types.get(name);
  if (type === undefined) {
    return library === '' && xsdTypes.has(name)
      ? `'${name}' needs datatypeLibrary='${xsdLibrary}'`
      : `unknown datatype '${name}'`;
  }
  if (library !== xsdLibrary && parameters.length > 0) return `'${name}' takes no parameters`;
  const facets: Facet[] = [];
  for (const parameter of parameters) {
    const facet = compileFacet(type, parameter.name, parameter.value);
    if (typeof facet === 'string') return facet;
    facets.push(facet);
  }
  return {
    name,
    parameters,
    usesNamespaces: type.usesNamespaces === true,
    accepts: (text, scope) => {
      const value = normalise(text, type.whiteSpace);
      return type.accepts(value, scope) && facets.every((facet) => facet(value));
    },
    key: (text, scope) => {
      const value = normalise(text, type.whiteSpace);
      if (!type.accepts(value, scope)) return undefined;
      return type.key === undefined ? value : type.key(value, scope);
    },
  };
}

/** White space as XML Schema part 2, section 4.3.6, treats it before a value is looked at. */
export function normalise(text: string, whiteSpace: ValueType['whiteSpace']): string {
  switch (whiteSpace) {
    case 'preserve':
      return text;
    case 'replace':
      return text.replaceAll(/[\t\n\r]/gu, ' ');
    case 'collapse':
      return /[\t\n\r]|^ | $| {2}/u.test(text) ? splitTokens(text).join(' ') : text;
    default:
      return unreachable(whiteSpace);
  }
}

/** The tokens between XML's four white space characters. */
export function splitTokens(text: string): string[] {
  return text.split(/[ \t\n\r]+/u).filter((token) => token !== '');
}
