import type { XmlElement, XmlNode } from '../element.ts';
import { isNamespaceDeclaration } from '../namespaces.ts';
import { contentOf } from './nodes.ts';

/** Prints a node as libxml2 does for `virsh dumpxml --xpath`: indented by two spaces, unless there is text beside. */
export function printNode(node: XmlNode, indent: string | undefined = ''): string {
  switch (node.kind) {
    case 'text':
      return escape(node.text, /[<>&\r]/g);
    case 'comment':
      return `<!--${node.text}-->`;
    case 'instruction':
      return `<?${node.target}${node.text === '' ? '' : ` ${node.text}`}?>`;
    case 'element':
      return printElement(node, indent);
    default:
      throw new Error('a new kind of node');
  }
}

export function printAttribute(name: string, value: string): string {
  return ` ${name}="${escape(value, /[<>&"\t\n\r]/g)}"`;
}

/** @param indent - undefined inside mixed content: no line may be broken */
function printElement(element: XmlElement, indent: string | undefined): string {
  const content = contentOf(element);
  const isDeclaration = ({ name }: { readonly name: string }): boolean =>
    isNamespaceDeclaration(name);
  const attributes = [
    ...element.attributes.filter(isDeclaration),
    ...element.attributes.filter((attribute) => !isDeclaration(attribute)),
  ];
  const tag = `${element.name}${attributes.map(({ name, value }) => printAttribute(name, value)).join('')}`;
  if (content.length === 0) return `<${tag}/>`;
  const inner =
    indent === undefined || content.some(({ kind }) => kind === 'text') ? undefined : `${indent}  `;
  const lines = content.map((child) => printNode(child, inner));
  const between = inner === undefined ? '' : `\n${inner}`;
  const end = inner === undefined ? '' : `\n${indent ?? ''}`;
  return `<${tag}>${between}${lines.join(between)}${end}</${element.name}>`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '<': '&lt;',
  '>': '&gt;',
  '&': '&amp;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

/** As libxml2 writes text and values: fewer references than libvirt's own printer uses. */
function escape(value: string, characters: RegExp): string {
  return value.replaceAll(characters, (character) => ESCAPES[character] ?? character);
}
