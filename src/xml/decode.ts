import { NodedevError } from '../errors.ts';
import { isLargerThan, utf8Size } from '../utf8-size.ts';
import { sourceError } from './source.ts';
import type { XmlSource } from './source.ts';

/** 16 MiB: some 35,000 devices. */
export const DEFAULT_MAX_BYTES = 16 * 1024 * 1024;

/** The options for decoding a document. */
export interface DecodeOptions {
  readonly name: string;
  readonly file: string | undefined;
  readonly maxBytes: number;
}

const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const lenientDecoder = new TextDecoder('utf-8', { ignoreBOM: true });
const XML_DECLARATION =
  /^\uFEFF?<\?xml[ \t\r\n][^?>]*?[ \t\r\n]encoding[ \t\r\n]*=[ \t\r\n]*["']([^"'?>]*)/;
const HINT_UTF8 = 'convert it to UTF-8, for instance with iconv';

/**
 * Decodes bytes or a string. Only UTF-8 is accepted. A byte order mark stays in the text, so that offsets in the text are
 * offsets in the source.
 *
 * @throws NodedevError `xml-too-large` for more than `maxBytes` bytes of UTF-8; `xml-encoding` for bytes that are
 * not UTF-8, for a declaration of another encoding and for a string with half a surrogate pair.
 */
export function decodeSource(input: string | Uint8Array, options: DecodeOptions): XmlSource {
  const { name, file, maxBytes } = options;
  const isText = typeof input === 'string';
  if (!isText && !isBytes(input)) {
    throw new NodedevError('request-invalid', 'a document is a string or bytes');
  }
  if (isText ? isLargerThan(input, maxBytes) : input.byteLength > maxBytes) {
    const size = isText ? utf8Size(input) : input.byteLength;
    throw new NodedevError(
      'xml-too-large',
      `(${name}):1: Document has ${size} bytes, the limit is ${maxBytes}`,
      { location: { file, line: 1, column: 1 }, hint: 'split it, or raise the limit' },
    );
  }
  const source = { text: textOfInput(input, options), name, file };
  const declaration = XML_DECLARATION.exec(source.text);
  const encoding = declaration?.[1];
  if (declaration !== null && encoding !== undefined && !/^utf-?8$/i.test(encoding)) {
    const offset = declaration[0].length - encoding.length;
    const message = `Document declares the encoding ${encoding}, only UTF-8 is read`;
    throw sourceError(source, 'xml-encoding', offset, message, { hint: HINT_UTF8 });
  }
  return source;
}

function textOfInput(input: string | Uint8Array, { name, file }: DecodeOptions): string {
  if (typeof input === 'string') {
    // With the u flag a surrogate matches only when it is not half of a pair.
    const lone = input.search(/[\uD800-\uDFFF]/u);
    if (lone === -1) return input;
    const message = 'Document has half a surrogate pair, which is no character';
    throw sourceError({ text: input, name, file }, 'xml-encoding', lone, message);
  }
  // UTF-16 and UTF-32 without a byte order mark look like UTF-8 with NUL characters.
  const isWide = input.length > 1 && (input[0] === 0 || input[1] === 0);
  if (!isWide) {
    try {
      return strictDecoder.decode(input);
    } catch {
      // Reported below, with its location.
    }
  }
  const text = isWide ? '' : validPrefix(input);
  const message =
    isWide || isUtf16Mark(input)
      ? 'Document is UTF-16 or UTF-32, only UTF-8 is read'
      : 'Input is not proper UTF-8';
  const source = { text, name, file };
  throw sourceError(source, 'xml-encoding', text.length, message, { hint: HINT_UTF8 });
}

/** The characters before the first byte that is not UTF-8. */
function validPrefix(bytes: Uint8Array): string {
  const replaced = new TextEncoder().encode(lenientDecoder.decode(bytes));
  let index = 0;
  while (index < bytes.length && bytes[index] === replaced[index]) index += 1;
  // The wrong byte may be inside a sequence whose first bytes are valid: streaming leaves those out.
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, index), {
    stream: true,
  });
}

function isUtf16Mark(bytes: Uint8Array): boolean {
  return (bytes[0] === 0xfe && bytes[1] === 0xff) || (bytes[0] === 0xff && bytes[1] === 0xfe);
}

/** A program without types may give anything, and a frame or a context of Node's vm has a Uint8Array of its own. */
const isBytes = (input: unknown): boolean =>
  ArrayBuffer.isView(input) && 'BYTES_PER_ELEMENT' in input && input.BYTES_PER_ELEMENT === 1;
