import type { XmlNode } from 'libxml2-wasm';
import { ParseOption, XmlAttribute, XmlDocument, XmlElement, XmlXPathError } from 'libxml2-wasm';
import { NodedevError } from '../errors.ts';

/** How {@link selectXml} prints what it found. */
export interface SelectOptions {
  /** Puts the elements into one `<nodes>` element, so that the output is a document. */
  readonly wrap?: boolean | undefined;
}

/**
 * What an XPath 1.0 expression finds in a well-formed document, one node after the other as virsh prints them:
 * elements indented from their own start, attributes as ` id="11"`, other nodes as their text. An expression that
 * yields a string, number or boolean (`count(//type)`), which virsh refuses, prints it. Nothing found is ''.
 *
 * @throws NodedevError `xpath-invalid`, also for `wrap` around what is no element. libxml2 marks the place in a bad
 * expression on standard error itself.
 */
export function selectXml(text: string, expression: string, options: SelectOptions = {}): string {
  const document = parse(text);
  try {
    const found = evaluate(document, expression);
    if (!Array.isArray(found)) return `${found}\n`;
    return options.wrap === true
      ? wrapped(found)
      : found.map((node) => `${print(node)}\n`).join('');
  } finally {
    document.dispose();
  }
}

function parse(text: string): XmlDocument {
  return XmlDocument.fromString(text, {
    option: ParseOption.XML_PARSE_NOBLANKS | ParseOption.XML_PARSE_NO_XXE,
  });
}

function evaluate(document: XmlDocument, expression: string): ReturnType<XmlDocument['eval']> {
  try {
    return document.eval(expression);
  } catch (error) {
    if (!(error instanceof XmlXPathError)) throw error;
    throw new NodedevError('xpath-invalid', error.message, {
      hint: "write it as in XPath 1.0: //type[@id='nvidia-11']/name",
      cause: error,
    });
  }
}

function print(node: XmlNode): string {
  if (node instanceof XmlElement) return node.toString({ format: true });
  if (node instanceof XmlAttribute) return ` ${node.name}=${quoted(node.content)}`;
  return node.content;
}

function quoted(value: string): string {
  const escaped = value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
  return `"${escaped}"`;
}

function wrapped(nodes: readonly XmlNode[]): string {
  const elements = nodes.map((node) => {
    if (node instanceof XmlElement) return node.toString();
    throw new NodedevError('xpath-invalid', 'only elements can be wrapped', {
      hint: 'leave --wrap out, or select elements',
    });
  });
  const document = parse(`<nodes>${elements.join('')}</nodes>`);
  try {
    return document.toString({ format: true, noDeclaration: true });
  } finally {
    document.dispose();
  }
}
