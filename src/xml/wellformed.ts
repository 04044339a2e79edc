import type { ErrorDetail } from 'libxml2-wasm';
import { ParseOption, XmlDocument, XmlParseError } from 'libxml2-wasm';
import type { ErrorCode } from '../errors.ts';
import type { XmlSource } from './source.ts';
import { offsetOf, sourceError } from './source.ts';

/** The bytes were decoded before, so a declared encoding is no news; nothing outside the document is loaded. */
const OPTIONS: ParseOption =
  ParseOption.XML_PARSE_IGNORE_ENC |
  ParseOption.XML_PARSE_NO_XXE |
  ParseOption.XML_PARSE_COMPACT |
  ParseOption.XML_PARSE_NOWARNING;

/** libxml2's xmlErrorLevel of a document that is not well-formed. 2 is for namespaces, see below. */
const FATAL = 3;

/**
 * Refuses a document that is not well-formed XML 1.0, as libxml2 (the parser libvirt uses) sees it.
 *
 * What only the namespaces specification forbids (an undeclared prefix, `<a:b:c/>`) passes, as it does in libvirt
 * and xmllint: libxml2 reports it and reads on.
 *
 * @throws NodedevError `xml-malformed`; `xml-too-deep` and `xml-too-large` for libxml2's own limits (names of
 * 50,000 characters, texts and tags of 10,000,000)
 */
export function checkWellFormed(source: XmlSource): void {
  const problem = firstFatal(source.text);
  if (problem === undefined) return;
  const message = problem.message.trim();
  const offset = offsetOf(source, problem.line, problem.col);
  throw sourceError(source, codeOf(message), offset, message);
}

function firstFatal(text: string): ErrorDetail | undefined {
  try {
    XmlDocument.fromBuffer(Buffer.from(text), { option: OPTIONS }).dispose();
    return undefined;
  } catch (error) {
    if (!(error instanceof XmlParseError)) throw error;
    const { details } = error;
    if (details.length === 0)
      return { message: 'Document is empty', level: FATAL, line: 1, col: 1 };
    return details.find(({ level }) => level >= FATAL);
  }
}

/** libxml2-wasm passes libxml2's words on, not its error numbers. */
function codeOf(message: string): ErrorCode {
  if (message.startsWith('Excessive depth')) return 'xml-too-deep';
  if (message.startsWith('Resource limit') || message.startsWith('Name too long')) {
    return 'xml-too-large';
  }
  return 'xml-malformed';
}
