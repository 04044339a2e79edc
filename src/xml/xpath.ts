import type { XmlNode } from 'libxml2-wasm';
import {
  ParseOption,
  XmlAttribute,
  XmlCData,
  XmlComment,
  XmlDocument,
  XmlElement,
  XmlError,
  XmlText,
} from 'libxml2-wasm';
import { NodedevError } from '../errors.ts';
import { decodeSource, DEFAULT_MAX_BYTES } from './decode.ts';
import { scanMarkup } from './scan.ts';
import { checkWellFormed } from './wellformed.ts';

/** As virsh parses it: white space between elements is layout. Errors were reported by the check before. */
const OPTIONS: ParseOption =
  ParseOption.XML_PARSE_IGNORE_ENC |
  ParseOption.XML_PARSE_NO_XXE |
  ParseOption.XML_PARSE_NOBLANKS |
  ParseOption.XML_PARSE_NOERROR |
  ParseOption.XML_PARSE_NOWARNING;

/**
 * Far more than anyone types, far less than what overruns libxml2's stack, after which its WebAssembly instance
 * is of no more use to the whole process.
 */
const MAX_EXPRESSION_LENGTH = 1000;
const MAX_BRACKETS = 50;

/**
 * What an XPath 1.0 expression selects in a document, each as `virsh dumpxml --xpath` prints it on a line: an
 * element as its indented XML, an attribute as ` name="value"` (with the space in front), text escaped. Beyond
 * virsh, which prints nothing for them, a number, string or boolean is given as its one value.
 *
 * libxml2 also prints a line of its own about a bad expression to standard error, under virsh as well.
 *
 * @throws NodedevError `xpath-invalid` for an expression that does not compile or evaluate; those of `readXml` for
 * the document
 */
export function selectXpath(text: string, expression: string): readonly string[] {
  checkExpression(expression);
  const source = decodeSource(text, { name: 'xml', file: undefined, maxBytes: DEFAULT_MAX_BYTES });
  scanMarkup(source);
  checkWellFormed(source);
  const document = XmlDocument.fromBuffer(Buffer.from(source.text), { option: OPTIONS });
  try {
    const result = evaluate(document, expression);
    return Array.isArray(result) ? result.map(print) : [String(result)];
  } finally {
    document.dispose();
  }
}

function checkExpression(expression: string): void {
  const brackets = expression.match(/[([]/g)?.length ?? 0;
  if (expression.length > MAX_EXPRESSION_LENGTH || brackets > MAX_BRACKETS) {
    throw invalid(
      `it is longer than ${MAX_EXPRESSION_LENGTH} characters or has more than ${MAX_BRACKETS} brackets`,
    );
  }
  if (expression.includes('\0')) throw invalid('it has a NUL character');
}

function evaluate(
  document: XmlDocument,
  expression: string,
): XmlNode[] | string | boolean | number {
  try {
    return document.eval(expression);
  } catch (cause) {
    if (!(cause instanceof XmlError)) throw cause;
    throw invalid(cause.message, cause);
  }
}

function print(node: XmlNode): string {
  if (node instanceof XmlElement) return printElement(node);
  if (node instanceof XmlAttribute) {
    const name = node.prefix === '' ? node.name : `${node.prefix}:${node.name}`;
    return ` ${name}="${escape(node.value, /[<>&"\t\n\r]/g)}"`;
  }
  if (node instanceof XmlCData) return `<![CDATA[${node.content}]]>`;
  if (node instanceof XmlText) return escape(node.content, /[<>&\r]/g);
  if (node instanceof XmlComment) return `<!--${node.content}-->`;
  throw invalid('it selects something else than elements, attributes, text and comments');
}

/** Not its toString: that breaks characters which lie across two chunks. */
function printElement(element: XmlElement): string {
  const chunks: Uint8Array[] = [];
  element.save(
    {
      write(chunk) {
        // The chunk is a view of libxml2's memory, which is used again for the next one.
        chunks.push(chunk.slice());
        return chunk.byteLength;
      },
      close: () => true,
    },
    { format: true },
  );
  return Buffer.concat(chunks).toString();
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

function invalid(reason: string, cause?: unknown): NodedevError {
  return new NodedevError('xpath-invalid', `XPath expression cannot be used: ${reason}`, {
    cause,
    hint: "an example: the expression '/device/capability/uuid'",
  });
}
