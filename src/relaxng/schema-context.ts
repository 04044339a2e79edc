import { type Location, NodedevError } from '../errors.ts';
import { attributeOf, type XmlElement } from '../xml/element.ts';
import { enterScope, namespaceOf, type NamespaceScope, splitName } from '../xml/namespaces.ts';
import type { Grammar } from './schema-node.ts';

export const RELAXNG_NAMESPACE = 'http://relaxng.org/ns/structure/1.0';

/** The declarations in force at an element of a schema. */
export interface SchemaContext {
  /** Names of the files: each refers to the next one, the last is the current one. */
  readonly files: readonly (string | undefined)[];
  readonly scope: NamespaceScope | undefined;
  /** Of the nearest `ns` attribute (section 4.9). */
  readonly ns: string;
  /** Of the nearest `datatypeLibrary` attribute (section 4.4). */
  readonly library: string;
  readonly grammar: Grammar | undefined;
  /** The name of the current definition in messages. */
  readonly label: string | undefined;
  /** Reads another file of the schema. */
  readonly open: (href: string, element: XmlElement, context: SchemaContext) => OpenedSchema;
}

/** Another file of a schema: its root element, and the context it starts in. */
export interface OpenedSchema {
  readonly root: XmlElement;
  readonly context: SchemaContext;
}

/** The context inside an element, with its declarations. */
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

/** The local name of an element of RELAX NG; undefined for an annotation. */
export function relaxngName(context: SchemaContext, element: XmlElement): string | undefined {
  const { prefix, local } = splitName(element.name);
  const ns = namespaceOf(prefix, enterScope(element, context.scope));
  return ns === RELAXNG_NAMESPACE ? local : undefined;
}

/** The child elements of RELAX NG, without annotations. Text beside them is refused. */
export function schemaChildren(context: SchemaContext, element: XmlElement): readonly XmlElement[] {
  return element.children.flatMap((child) => {
    if (child.kind === 'element') return relaxngName(context, child) === undefined ? [] : [child];
    if (child.kind === 'text' && child.text.trim() !== '') {
      fail(context, element, `<${element.name}> cannot contain the text '${child.text.trim()}'`);
    }
    return [];
  });
}

/** Refuses attributes that an element of the schema cannot have. Attributes of other namespaces are annotations. */
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

/** A required attribute, without white space around it (section 4.2). */
export function required(context: SchemaContext, element: XmlElement, name: string): string {
  const value = attributeOf(element, name)?.trim();
  if (value === undefined || value === '') {
    fail(context, element, `<${element.name}> is missing attribute '${name}'`);
  }
  return value;
}

/** Resolves a name's prefix. Without a prefix the namespace is `unprefixed`. */
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
