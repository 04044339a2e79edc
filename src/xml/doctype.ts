import { pastMisc } from './markup.ts';
import type { XmlSource } from './source.ts';

/** So far a DOCTYPE may reach. */
const LONGEST = 2048;

/** XML 1.0, productions 28 and 75, without the internal subset in `[ ]`. */
const EXTERNAL =
  /^<!DOCTYPE[ \t\r\n]+[\w:.-]+(?:[ \t\r\n]+(?:SYSTEM|PUBLIC[ \t\r\n]+(?:"[^"]*"|'[^']*'))[ \t\r\n]+(?:"[^"]*"|'[^']*'))?[ \t\r\n]*>/;

/** A document whose DOCTYPE, when it declares nothing itself, is blanks: all offsets and lines stay. */
export function withoutDoctype(source: XmlSource): XmlSource {
  const { text } = source;
  const offset = pastMisc(text, 0);
  const [doctype] = EXTERNAL.exec(text.slice(offset, offset + LONGEST)) ?? [];
  if (doctype === undefined) return source;
  const blank = doctype.replaceAll(/[^\n]/g, ' ');
  return { ...source, text: text.slice(0, offset) + blank + text.slice(offset + doctype.length) };
}
