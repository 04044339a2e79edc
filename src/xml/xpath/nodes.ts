import { NodedevError } from '../../errors.ts';
import { checkCharacters } from '../characters.ts';
import type { XmlElement, XmlNode, XmlText } from '../element.ts';
import {
  enterScope,
  isNamespaceDeclaration,
  namespaceOf,
  type NamespaceScope,
  splitName,
} from '../namespaces.ts';

/** How often an expression may look at a node: well under a second. */
const MAX_VISITS = 2_000_000;

/** Counts how often nodes of one tree are looked at, so that no expression blocks the process for good. */
class Visits {
  #left = MAX_VISITS;

  spend(): void {
    this.#left -= 1;
    if (this.#left >= 0) return;
    throw new NodedevError(
      'xpath-invalid',
      `XPath expression cannot be used: it looks at more than ${MAX_VISITS} nodes`,
      { hint: 'name the elements on the way instead of //' },
    );
  }
}

/** The node types of the DOM. */
const ELEMENT = 1;
const ATTRIBUTE = 2;
const TYPES = { text: 3, instruction: 7, comment: 8 } as const;
const DOCUMENT = 9;

/** What of a tree was made a node of: undefined for a document and for attributes. */
type Origin = XmlNode | undefined;

/** A node as the package `xpath` expects it: as much of the DOM as it looks at. */
export class XpathNode {
  readonly nodeType: number;
  /** Empty for texts and comments, which have no name in XPath. */
  readonly nodeName: string;
  readonly localName: string;
  readonly namespaceURI: string | null;
  readonly parent: XpathNode | undefined;
  readonly origin: Origin;
  readonly children: XpathNode[] = [];
  readonly attributeNodes: XpathNode[] = [];
  /** Number in document order. */
  readonly order: number;
  /** Among its parent's children; -1 for an attribute. */
  readonly index: number;
  readonly #value: string;
  readonly #visits: Visits;

  constructor(
    tree: { readonly visits: Visits; nodes: number },
    parent: XpathNode | undefined,
    node: {
      readonly type: number;
      readonly name?: string;
      readonly localName?: string;
      readonly namespace?: string | undefined;
      readonly value?: string;
      readonly origin?: Origin;
      readonly index: number;
    },
  ) {
    this.#visits = tree.visits;
    this.order = tree.nodes;
    tree.nodes += 1;
    this.parent = parent;
    this.nodeType = node.type;
    this.nodeName = node.name ?? '';
    this.localName = node.localName ?? this.nodeName;
    this.namespaceURI = node.namespace ?? null;
    this.#value = node.value ?? '';
    this.origin = node.origin;
    this.index = node.index;
  }

  visit(): this {
    this.#visits.spend();
    return this;
  }

  get nodeValue(): string {
    this.#visits.spend();
    return this.#value;
  }

  get value(): string {
    return this.nodeValue;
  }

  get target(): string {
    return this.nodeName;
  }

  get firstChild(): XpathNode | null {
    this.#visits.spend();
    return this.children[0] ?? null;
  }

  get nextSibling(): XpathNode | null {
    this.#visits.spend();
    return this.index < 0 ? null : (this.parent?.children[this.index + 1] ?? null);
  }

  get parentNode(): XpathNode | null {
    return this.isAttribute ? null : (this.parent ?? null);
  }

  get ownerElement(): XpathNode | undefined {
    return this.isAttribute ? this.parent : undefined;
  }

  get isAttribute(): boolean {
    return this.nodeType === ATTRIBUTE;
  }

  get isElement(): boolean {
    return this.nodeType === ELEMENT;
  }

  get attributes(): { readonly length: number; item(index: number): XpathNode | undefined } {
    const nodes = this.attributeNodes;
    return { length: nodes.length, item: (index) => nodes[index] };
  }

  get ownerDocument(): XpathNode {
    return this.parent === undefined ? this : this.parent.ownerDocument;
  }

  get documentElement(): XpathNode | undefined {
    return this.children[0];
  }

  /** No attribute is an id without a DOCTYPE. */
  getElementById(): null {
    return null;
  }

  /** For lang(). */
  getAttributeNS(namespace: string, local: string): string | undefined {
    return this.attributeNodes.find(
      (node) => node.namespaceURI === namespace && node.localName === local,
    )?.value;
  }

  compareDocumentPosition(other: XpathNode): number {
    this.#visits.spend();
    return this.order < other.order ? 4 : 2;
  }
}

/** The document node of a tree. White space that is layout, and empty texts, are no nodes: virsh does not see them. */
export function documentOf(root: XmlElement): XpathNode {
  const tree = { visits: new Visits(), nodes: 0 };
  const document = new XpathNode(tree, undefined, { type: DOCUMENT, index: 0 });
  const add = (
    element: XmlElement,
    parent: XpathNode,
    outer: NamespaceScope | undefined,
  ): XpathNode => {
    const scope = enterScope(element, outer);
    const index = parent.children.length;
    const node = new XpathNode(tree, parent, {
      type: ELEMENT,
      ...names(element.name, scope, namespaceOf('', scope)),
      origin: element,
      index,
    });
    parent.children.push(node);
    for (const { name, value } of element.attributes) {
      checkCharacters(value, `attribute ${name} of <${element.name}>`);
      if (isNamespaceDeclaration(name)) continue;
      const attribute = { type: ATTRIBUTE, ...names(name, scope, undefined), value, index: -1 };
      node.attributeNodes.push(new XpathNode(tree, node, attribute));
    }
    for (const child of contentOf(element)) {
      if (child.kind === 'element') {
        add(child, node, scope);
        continue;
      }
      checkCharacters(child.text, `<${element.name}>`);
      const leaf = {
        type: TYPES[child.kind],
        name: child.kind === 'instruction' ? child.target : '',
        value: child.text,
        origin: child,
        index: node.children.length,
      };
      node.children.push(new XpathNode(tree, node, leaf));
    }
    return node;
  };
  add(root, document, undefined);
  return document;
}

/** Without a declaration for its prefix, the whole of a name is its local part, as libxml2 has it. */
function names(
  name: string,
  scope: NamespaceScope | undefined,
  unprefixed: string | undefined,
): { readonly name: string; readonly localName: string; readonly namespace: string | undefined } {
  const { prefix, local } = splitName(name);
  const namespace = prefix === '' ? unprefixed : namespaceOf(prefix, scope);
  return { name, localName: namespace === undefined ? name : local, namespace };
}

const isBlank = (text: string): boolean => /^[ \t\r\n]*$/.test(text);

/** An element's children as virsh sees them: neighbouring texts are one, empty ones and layout are none. */
export function contentOf(element: XmlElement): readonly XmlNode[] {
  const { children, attributes } = element;
  const isPreserved = attributes.some(
    ({ name, value }) => name === 'xml:space' && value === 'preserve',
  );
  const isLayout =
    !isPreserved &&
    children.some(({ kind }) => kind !== 'text') &&
    children.every((child) => child.kind !== 'text' || isBlank(child.text));
  const content: XmlNode[] = [];
  for (const child of children) {
    const last = content.at(-1);
    if (child.kind !== 'text') content.push(child);
    else if (isLayout || child.text === '') continue;
    else if (last?.kind === 'text') content[content.length - 1] = joined(last, child);
    else content.push(child);
  }
  return content;
}

function joined(first: XmlText, second: XmlText): XmlText {
  return { kind: 'text', text: first.text + second.text };
}
