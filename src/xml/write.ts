import type { DomElement, DomNode } from './dom.ts';
import { buildDom, isDomElement } from './dom.ts';
import type { XmlElement } from './element.ts';

/**
 * Prints an element as libvirt does (virXMLFormatElement, virBufferEscapeString): two spaces for each level,
 * attributes in single quotes, `<type id='11'/>` for an element without content, an element with only text on
 * one line, a line end after the root and no declaration.
 *
 * Lossless: reading the result gives the same tree. In an element that holds text and elements nothing is
 * indented, since every space there would be text. White space between elements and nothing else is layout and
 * is laid out anew, unless `xml:space='preserve'` says otherwise.
 *
 * @throws NodedevError `xml-unwritable` for what XML cannot hold, `xml-too-deep` over 100 levels
 */
export function writeXml(root: XmlElement): string {
  return `${printElement(buildDom(root), '', false)}\n`;
}

const INDENT = '  ';

/** @param isInline - inside mixed content: no line may be broken. */
function printElement(element: DomElement, indent: string, isInline: boolean): string {
  let result = `${indent}<${element.nodeName}`;
  for (const { name, value } of element.attributes)
    result += ` ${name}='${escapeAttribute(value)}'`;
  if (element.firstChild === null) return `${result}/>`;
  result += '>';
  if (isInline || hasText(element)) {
    for (const child of childrenOf(element)) result += printNode(child, '', true);
  } else {
    for (const child of childrenOf(element)) {
      if (!isText(child)) result += `\n${printNode(child, indent + INDENT, false)}`;
    }
    result += `\n${indent}`;
  }
  return `${result}</${element.nodeName}>`;
}

function printNode(node: DomNode, indent: string, isInline: boolean): string {
  if (isDomElement(node)) return printElement(node, indent, isInline);
  const value = node.nodeValue ?? '';
  if (isText(node)) return escapeText(value);
  if (node.nodeName === '#comment') return `${indent}<!--${value}-->`;
  return `${indent}<?${node.nodeName}${value === '' ? '' : ` ${value}`}?>`;
}

/** Whether the text in an element is content, not layout. */
function hasText(element: DomElement): boolean {
  const children = childrenOf(element);
  return (
    children.every(isText) ||
    element.getAttribute('xml:space') === 'preserve' ||
    children.some((child) => isText(child) && /[^ \t\n\r]/.test(child.nodeValue ?? ''))
  );
}

function childrenOf(element: DomElement): DomNode[] {
  const children: DomNode[] = [];
  for (let child = element.firstChild; child !== null; child = child.nextSibling) {
    children.push(child);
  }
  return children;
}

function isText(node: DomNode): boolean {
  return node.nodeName === '#text';
}

const ESCAPES: Readonly<Record<string, string>> = {
  '<': '&lt;',
  '>': '&gt;',
  '&': '&amp;',
  "'": '&apos;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

const escape = (character: string): string => ESCAPES[character] ?? character;

/** A reader turns a CR of the text into LF, so it is written as a reference. */
function escapeText(text: string): string {
  return text.replaceAll(/[<>&'"\r]/g, escape);
}

/** A reader turns white space of a value into spaces, so it is written as references. */
/** The value between quotes of either kind. */
export function escapeAttribute(value: string): string {
  return value.replaceAll(/[<>&'"\t\n\r]/g, escape);
}
