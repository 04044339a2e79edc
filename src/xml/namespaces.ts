import type { XmlElement } from './element.ts';

const xmlNamespace = 'http://www.w3.org/XML/1998/namespace';

/** The namespace declarations in force at an element; undefined is "none so far". */
export interface NamespaceScope {
  readonly parent: NamespaceScope | undefined;
  /** By prefix; the default namespace has the prefix ''. */
  readonly declared: ReadonlyMap<string, string>;
}

/** `xmlns` and `xmlns:p` are declarations, no attributes, to RELAX NG (section 4.1 of its data model). */
export function isNamespaceDeclaration(attributeName: string): boolean {
  return (
    attributeName.startsWith('xmlns') && (attributeName.length === 5 || attributeName[5] === ':')
  );
}

/** The scope inside an element: its parent's, or one more when it declares anything. */
export function enterScope(
  element: XmlElement,
  parent: NamespaceScope | undefined,
): NamespaceScope | undefined {
  let declared: Map<string, string> | undefined;
  for (const { name, value } of element.attributes) {
    if (name.charCodeAt(0) !== 0x78 || !isNamespaceDeclaration(name)) continue;
    declared ??= new Map();
    declared.set(name.slice(6), value);
  }
  return declared === undefined ? parent : { parent, declared };
}

/** Whether two scopes declare the same. */
export function isSameScope(
  one: NamespaceScope | undefined,
  other: NamespaceScope | undefined,
): boolean {
  if (one === other) return true;
  if (one === undefined || one.declared.size !== other?.declared.size) return false;
  for (const [prefix, ns] of one.declared) if (other.declared.get(prefix) !== ns) return false;
  return isSameScope(one.parent, other.parent);
}

/** The namespace a prefix is bound to: '' is none, undefined is an unbound prefix. */
export function namespaceOf(prefix: string, scope: NamespaceScope | undefined): string | undefined {
  if (prefix === 'xml') return xmlNamespace;
  for (let current = scope; current !== undefined; current = current.parent) {
    const ns = current.declared.get(prefix);
    if (ns !== undefined) return ns === '' && prefix !== '' ? undefined : ns;
  }
  return prefix === '' ? '' : undefined;
}

/** Splits `prefix:local`; without a colon the prefix is ''. */
export function splitName(name: string): { readonly prefix: string; readonly local: string } {
  const colon = name.indexOf(':');
  return colon < 0
    ? { prefix: '', local: name }
    : { prefix: name.slice(0, colon), local: name.slice(colon + 1) };
}
