import type { XmlElement, XmlNode } from '../../src/xml/element.ts';

/** A tree without positions, in the shape tests compare: neighbouring texts are one, empty ones are none. */
export type PlainNode = string | readonly [kind: string, ...parts: unknown[]];

/** Drops positions; `withLayout: false` also drops the white space a writer lays out anew. */
export function plainTree(
  element: XmlElement,
  { withLayout = true, isPreserved = false } = {},
): PlainNode {
  const preserve =
    isPreserved ||
    element.attributes.some(({ name, value }) => name === 'xml:space' && value === 'preserve');
  const isContent = preserve || withLayout || !isLayout(element.children);
  const children = element.children
    .filter((node) => isContent || node.kind !== 'text')
    .map((node) => plainNode(node, { withLayout, isPreserved: preserve || isContent }));
  const attributes = element.attributes.map(({ name, value }) => [name, value]);
  return ['element', element.name, attributes, mergeTexts(children)];
}

/** Joins neighbouring texts and drops empty ones. */
export function mergeTexts(nodes: readonly PlainNode[]): PlainNode[] {
  const merged: PlainNode[] = [];
  for (const node of nodes) {
    const last = merged.at(-1);
    if (typeof node === 'string' && typeof last === 'string') {
      merged[merged.length - 1] = last + node;
    } else if (node !== '') {
      merged.push(node);
    }
  }
  return merged;
}

function plainNode(
  node: XmlNode,
  options: { readonly withLayout: boolean; readonly isPreserved: boolean },
): PlainNode {
  switch (node.kind) {
    case 'element':
      return plainTree(node, options);
    case 'text':
      return node.text;
    case 'comment':
      return ['comment', node.text];
    case 'instruction':
      return ['instruction', node.target, node.text];
    default:
      throw new Error('a new kind of node');
  }
}

/** White space between other nodes, and nothing else. */
function isLayout(nodes: readonly XmlNode[]): boolean {
  return (
    nodes.some((node) => node.kind !== 'text') &&
    nodes.every((node) => node.kind !== 'text' || /^[ \t\n\r]*$/.test(node.text))
  );
}
