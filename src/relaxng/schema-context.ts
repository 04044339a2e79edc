import { type Location, NodedevError } from '../errors.ts';
import { attributeOf, type XmlElement } from '../xml/element.ts';
import { enterScope, namespaceOf, type NamespaceScope, splitName } from './namespaces.ts';
import type { Grammar } from './schema-node.ts';

export const relaxngNamespace = 'http://relaxng.org/ns/structure/1.0';

/** What is in force at an element of a schema. */
export interface SchemaContext {
  /** Name of the file, and of those that led to it. */
  readonly files: readonly (string | undefined)[];
  readonly scope: NamespaceScope | undefined;
  /** Of the nearest `ns` attribute (section 4.9). */
  readonly ns: string;
  /** Of the nearest `datatypeLibrary` attribute (section 4.4). */
  readonly library: string;
  readonly grammar: Grammar | undefined;
  /** What messages call a text of the definition at hand. */
  readonly label: string | undefined;
  /** Parses another file; see {@link SchemaLoader}. */
  readonly open: (href: string, element: XmlElement, context: SchemaContext) => OpenedSchema;
}

/** Another file of a schema: its root element, and the context it starts in. */
export interface OpenedSchema {
  readonly root: XmlElement;
  readonly context: SchemaContext;
}

/** The context inside an element: what it declares, inherited by all below. */
export function enter(context: SchemaContext, element: XmlElement): SchemaContext {
  return {
    ...context,
    scope: enterScope(element, context.scope),
    ns: attributeOf(element, 'ns') ?? context.ns,
    library: attributeOf(element, 'datatypeLibrary')?.trim() ?? context.library,
  };
}

export function fail(context: SchemaContext, element: XmlElement, message: string): never {
  throw new NodedevError('schema-invalid', message, { location: locate(context, element) });
}

export function locate(context: SchemaContext, element: XmlElement): Location | undefined {
  return element.location === undefined
    ? undefined
    : { ...element.location, file: element.location.file ?? context.files.at(-1) };
}

/** An element's local name when it is RELAX NG's, undefined for an annotation. */
export function relaxngName(context: SchemaContext, element: XmlElement): string | undefined {
  const { prefix, local } = splitName(element.name);
  const ns = namespaceOf(prefix, enterScope(element, context.scope));
  return ns === relaxngNamespace ? local : undefined;
}

/** The child elements that are RELAX NG's, annotations left out; refuses text beside them. */
export function schemaChildren(context: SchemaContext, element: XmlElement): readonly XmlElement[] {
  return element.children.flatMap((child) => {
    if (child.kind === 'element') return relaxngName(context, child) === undefined ? [] : [child];
    if (child.kind === 'text' && child.text.trim() !== '') {
      fail(context, element, `<${element.name}> cannot contain the text '${child.text.trim()}'`);
    }
    return [];
  });
}

/** Refuses attributes an element of the schema cannot have; those of other namespaces are annotations. */
export function checkAttributes(
  context: SchemaContext,
  element: XmlElement,
  allowed: readonly string[],
): void {
  for (const { name } of element.attributes) {
    if (name === 'xml:base') fail(context, element, "attribute 'xml:base' is not supported");
    const known = ['ns', 'datatypeLibrary', 'xmlns', ...allowed].includes(name);
    if (!known && !name.includes(':')) {
      fail(context, element, `<${element.name}> cannot have the attribute '${name}'`);
    }
  }
}

/** An attribute that must be there, white space around it removed (section 4.2). */
export function required(context: SchemaContext, element: XmlElement, name: string): string {
  const value = attributeOf(element, name)?.trim();
  if (value === undefined || value === '') {
    fail(context, element, `<${element.name}> is missing attribute '${name}'`);
  }
  return value;
}

/** A prefix's namespace; without a prefix it is `unprefixed`. */
export function resolvePrefix(
  context: SchemaContext,
  element: XmlElement,
  qualified: string,
  unprefixed: string,
): { readonly ns: string; readonly local: string } {
  const { prefix, local } = splitName(qualified);
  const ns = prefix === '' ? unprefixed : namespaceOf(prefix, context.scope);
  if (ns === undefined) fail(context, element, `the prefix of '${qualified}' is not declared`);
  if (!/^[\p{L}_][\p{L}\p{M}\p{N}_.\-\u00B7]*$/u.test(local)) {
    fail(context, element, `'${qualified}' is not a name`);
  }
  return { ns, local };
}
