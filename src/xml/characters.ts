/**
 * Text and attribute values as XML 1.0 says they are read. All of it expects a well-formed document without a
 * DOCTYPE: every reference is a character's or one of the five predefined entities.
 */

const NAMED: ReadonlyMap<string, string> = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['apos', "'"],
  ['quot', '"'],
]);

/** Line ends as section 2.11 says: CRLF and a CR alone are LF. */
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
