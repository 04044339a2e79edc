import { DEFAULT_MAX_BYTES, decodeSource } from './decode.ts';
import type { XmlElement } from './element.ts';
import type { Locate } from './source.ts';
import { buildTree } from './tree.ts';
import { withoutDoctype } from './doctype.ts';
import { checkWellFormed } from './wellformed.ts';

/** A document that was read. */
export interface XmlDocument {
  readonly root: XmlElement;
  /**
   * The decoded source, byte order mark included: ranges of elements are offsets of it. What stands outside the root
   * (XML declaration, comments, processing instructions) is only here.
   */
  readonly text: string;
}

export interface ReadXmlOptions {
  /** What messages call the document, printed `(name):line: text` as libvirt does. Default: `xml`. */
  readonly name?: string | undefined;
  /** The file's name, for locations. */
  readonly file?: string | undefined;
  /** Bytes above which a document is refused. Default: 16 MiB. */
  readonly maxBytes?: number | undefined;
  /**
   * Passes over a DOCTYPE that only names something outside, which is never fetched. One with declarations of its own is
   * refused as always. For a file of another program, which nobody can be asked to change.
   */
  readonly passDoctype?: true | undefined;
  /** @internal Where the parts of the text are, when it is one of a text that is being edited. */
  readonly locate?: Locate | undefined;
}

/**
 * Reads a document: XML 1.0 without a DOCTYPE, in UTF-8, UTF-16, ISO-8859-1 or another encoding that its XML declaration
 * names and `TextDecoder` knows by that name. Values stay strings. Every element, attribute and text
 * has its location; a line ends with LF.
 *
 * saxes decides first whether the document is well-formed, and bounds hostile ones: size, nesting (100), elements and
 * attributes (half a million). Only what passes is read by fast-xml-parser, which does not check.
 *
 * @throws NodedevError `xml-malformed`, `xml-doctype`, `xml-encoding`, `xml-too-deep`, `xml-too-large`, always
 * with a location
 */
export function readXml(input: string | Uint8Array, options: ReadXmlOptions = {}): XmlDocument {
  const decoded = decodeSource(input, {
    name: options.name ?? 'xml',
    file: options.file,
    maxBytes: options.maxBytes ?? DEFAULT_MAX_BYTES,
  });
  const { locate, passDoctype } = options;
  const whole = passDoctype === true ? withoutDoctype(decoded) : decoded;
  const source = locate === undefined ? whole : { ...whole, locate };
  return { root: buildTree(source, checkWellFormed(source)), text: source.text };
}
