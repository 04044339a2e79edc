import { NodedevError } from '../errors.ts';

// Reading of texts and attribute values as in XML 1.0. The document must be well-formed and without a DOCTYPE: every
// reference is to a character or to one of the five predefined entities.

const NAMED: ReadonlyMap<string, string> = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['apos', "'"],
  ['quot', '"'],
]);

/** Normalises line ends (section 2.11): CRLF and a single CR become LF. */
export function normalizeLineEnds(raw: string): string {
  return raw.includes('\r') ? raw.replaceAll(/\r\n?/g, '\n') : raw;
}

/** Character data: line ends normalised, references resolved (section 4.4). */
export function decodeText(raw: string): string {
  const text = normalizeLineEnds(raw);
  return text.includes('&') ? text.replaceAll(/&([^;]*);/g, resolve) : text;
}

/** An attribute's value: white space becomes spaces first (section 3.3.3), so `&#10;` stays a line feed. */
export function decodeAttribute(raw: string): string {
  const text = /[\t\n\r]/.test(raw) ? raw.replaceAll(/\r\n|[\t\n\r]/g, ' ') : raw;
  return text.includes('&') ? text.replaceAll(/&([^;]*);/g, resolve) : text;
}

function resolve(reference: string, name: string): string {
  if (name.startsWith('#x')) return String.fromCodePoint(Number.parseInt(name.slice(2), 16));
  if (name.startsWith('#')) return String.fromCodePoint(Number.parseInt(name.slice(1), 10));
  return NAMED.get(name) ?? reference;
}

/** Characters that XML 1.0 section 2.2 does not allow: controls, halves of surrogate pairs, U+FFFE and U+FFFF. */
const NOT_A_CHARACTER = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;

/** Whether a number is that of a character. */
export function isCharacter(code: number): boolean {
  return code <= 0x10ffff && !NOT_A_CHARACTER.test(String.fromCodePoint(code));
}

/**
 * Refuses characters that no document can have.
 *
 * @param where - the name of the place in messages
 * @throws NodedevError `xml-unwritable`
 */
export function checkCharacters(text: string, where: string): void {
  const match = NOT_A_CHARACTER.exec(text);
  if (match === null) return;
  const code = (match[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  throw unwritable(`The value of ${where} has the character U+${code}`);
}

/** The error for characters that XML does not allow. */
export function unwritable(message: string, cause?: unknown): NodedevError {
  return new NodedevError('xml-unwritable', `${message}, which XML cannot hold`, { cause });
}
