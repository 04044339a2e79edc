import type { XmlNode } from 'libxml2-wasm';
import {
  ParseOption,
  XmlCData,
  XmlComment,
  XmlDocument,
  XmlElement,
  XmlError,
  XmlText,
} from 'libxml2-wasm';
import { mergeTexts } from './normalize.ts';
import type { PlainNode } from './normalize.ts';

/** The tree libxml2 itself builds. Namespace declarations are no attributes to it, so they are missing. */
export function libxmlTree(text: string): PlainNode {
  const document = XmlDocument.fromString(text, { option: ParseOption.XML_PARSE_NOERROR });
  try {
    return treeOf(document.root);
  } finally {
    document.dispose();
  }
}

/** Whether libxml2 reads a document at all, namespaces aside. */
export function libxmlAccepts(text: string): boolean {
  try {
    XmlDocument.fromString(text, { option: ParseOption.XML_PARSE_NOERROR }).dispose();
    return true;
  } catch (error) {
    if (error instanceof XmlError) return false;
    throw error;
  }
}

function treeOf(element: XmlElement): PlainNode {
  const attributes = element.attrs.map((attribute) => [
    qualified(attribute.prefix, attribute.name),
    attribute.value,
  ]);
  const name = qualified(element.prefix, element.name);
  return ['element', name, attributes, mergeTexts(element.find('node()').map(nodeOf))];
}

function nodeOf(node: XmlNode): PlainNode {
  if (node instanceof XmlElement) return treeOf(node);
  if (node instanceof XmlText || node instanceof XmlCData) return node.content;
  if (node instanceof XmlComment) return ['comment', node.content];
  return ['instruction', node.eval('name()'), node.content];
}

function qualified(prefix: string, name: string): string {
  return prefix === '' ? name : `${prefix}:${name}`;
}
