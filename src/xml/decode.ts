import { isBytes } from '../bytes.ts';
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

const HINT_UTF8 = 'convert it to UTF-8, for instance with iconv';
const XML_DECLARATION =
  /^\uFEFF?<\?xml[ \t\r\n][^?>]*?[ \t\r\n]encoding[ \t\r\n]*=[ \t\r\n]*["']([^"'?>]*)/;
/** A declaration is at the beginning, and short. */
const DECLARATION_BYTES = 1024;

/**
 * Decodes bytes or a string. A byte order mark decides what bytes are, else the XML declaration, else they are UTF-8: as
 * in XML 1.0, appendix F, and in libxml2. A byte order mark stays in the text, so that offsets in the text are offsets in the source.
 *
 * @throws NodedevError `xml-too-large` for more than `maxBytes` bytes; `xml-encoding` for bytes that are not in their
 * encoding, for an encoding that is not known here, and for a string with half a surrogate pair.
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
  const refuse = (text: string, offset: number, message: string, hint?: string): never => {
    const details = hint === undefined ? {} : { hint };
    throw sourceError({ text, name, file }, 'xml-encoding', offset, message, details);
  };
  if (isText) {
    // With the u flag a surrogate matches only when it is not half of a pair.
    const lone = input.search(/[\uD800-\uDFFF]/u);
    if (lone !== -1)
      refuse(input, lone, 'Document has half a surrogate pair, which is no character');
  }
  const encoding = isText ? declaredEncoding(input) : encodingOfBytes(input);
  if (encoding.decoder === undefined) {
    const head = isText ? input : decodeLoosely(input.subarray(0, DECLARATION_BYTES));
    return refuse(head, encoding.offset ?? 0, encoding.message ?? '', HINT_UTF8);
  }
  if (isText) return { text: input, name, file };
  try {
    return { text: encoding.decoder.decode(input), name, file };
  } catch {
    const text = encoding.decoder === utf8 ? validPrefix(input) : '';
    return refuse(text, text.length, `Input is not proper ${encoding.name}`, HINT_UTF8);
  }
}

/** The characters of bytes that may be in no encoding, for excerpts, without a byte order mark. */
export function decodeLoosely(input: string | Uint8Array): string {
  if (typeof input === 'string') return input.replace(/^\uFEFF/u, '');
  const { decoder, name } = encodingOfBytes(input);
  if (decoder === latin1) return latin1.decode(input);
  return new TextDecoder(decoder === undefined || decoder === ascii ? 'utf-8' : name).decode(input);
}

/** Turns all bytes into characters, or throws. */
interface Decoder {
  decode(bytes: Uint8Array): string;
}

/** How a document's bytes are characters; without a decoder, why not, and where. */
interface Encoding {
  readonly name: string;
  readonly decoder?: Decoder | undefined;
  readonly message?: string;
  readonly offset?: number;
}

/** Of the web's standard, so it calls windows-1252 latin1. */
const strict = (name: string): Decoder => new TextDecoder(name, { fatal: true, ignoreBOM: true });

const utf8 = strict('utf-8');
const latin1: Decoder = {
  decode(bytes) {
    const parts: string[] = [];
    for (let from = 0; from < bytes.length; from += 8192) {
      parts.push(String.fromCharCode(...bytes.subarray(from, from + 8192)));
    }
    return parts.join('');
  },
};
const ascii: Decoder = {
  decode(bytes) {
    if (bytes.some((byte) => byte > 0x7f)) throw new RangeError('not ASCII');
    return latin1.decode(bytes);
  },
};

/** What the web's standard takes for something else. */
const OWN: Readonly<Record<string, Decoder>> = {
  utf8,
  'iso-8859-1': latin1,
  latin1,
  'us-ascii': ascii,
  ascii,
};

/** The marks and the first characters that tell an encoding (XML 1.0, appendix F). */
const SIGNS: readonly (readonly [bytes: readonly number[], name: string])[] = [
  [[0xff, 0xfe, 0, 0], 'UTF-32'],
  [[0, 0, 0xfe, 0xff], 'UTF-32'],
  [[0, 0, 0, 0x3c], 'UTF-32'],
  [[0x3c, 0, 0, 0], 'UTF-32'],
  [[0xef, 0xbb, 0xbf], 'UTF-8'],
  [[0xff, 0xfe], 'UTF-16LE'],
  [[0xfe, 0xff], 'UTF-16BE'],
  [[0x3c, 0, 0x3f, 0], 'UTF-16LE'],
  [[0, 0x3c, 0, 0x3f], 'UTF-16BE'],
];

function encodingOfBytes(bytes: Uint8Array): Encoding {
  const sign = SIGNS.find(([first]) => first.every((byte, index) => bytes[index] === byte));
  if (sign !== undefined && sign[1] !== 'UTF-8') return known(sign[1]);
  if (bytes.length > 1 && (bytes[0] === 0 || bytes[1] === 0)) {
    return {
      name: 'UTF-16',
      message: 'Document is UTF-16 without a byte order mark and an XML declaration',
    };
  }
  // The mark of UTF-8 does not make a name right that is none.
  const mark = sign === undefined ? 0 : sign[0].length;
  const declared = declaredEncoding(latin1.decode(bytes.subarray(mark, DECLARATION_BYTES)));
  return sign === undefined || declared.decoder === undefined ? declared : known(sign[1]);
}

/** The encoding that a text of 8-bit units declares. A string is one, too: it is read as its UTF-8 would be. */
function declaredEncoding(text: string): Encoding {
  const match = XML_DECLARATION.exec(text);
  const name = match?.[1] ?? 'UTF-8';
  const offset = match === null ? 0 : match[0].length - name.length;
  return /^utf-?16/iu.test(name)
    ? { name, offset, message: `Document labelled ${name} but has UTF-8 content` }
    : { offset, ...known(name) };
}

/** An encoding by its name, if it means here what it means to libxml2. */
function known(name: string): Encoding {
  const label = name.toLowerCase();
  if (Object.hasOwn(OWN, label)) return { name, decoder: OWN[label] };
  try {
    const { encoding } = new TextDecoder(label);
    // Node 20 takes windows-1252 for ISO-8859-1.
    const isRight = encoding === label && label !== 'windows-1252';
    if (isRight) return { name, decoder: label === 'utf-8' ? utf8 : strict(label) };
  } catch {
    // Reported below.
  }
  return { name, message: `Document is in the encoding ${name}, which is not read` };
}

/** The characters before the first byte that is not UTF-8. */
function validPrefix(bytes: Uint8Array): string {
  const lenient = new TextDecoder('utf-8', { ignoreBOM: true });
  const replaced = new TextEncoder().encode(lenient.decode(bytes));
  let index = 0;
  while (index < bytes.length && bytes[index] === replaced[index]) index += 1;
  // The wrong byte may be inside a sequence whose first bytes are valid: streaming leaves those out.
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, index), {
    stream: true,
  });
}
