import { normalizeLineEnds } from './characters.ts';
import type { XmlInstruction } from './element.ts';
import { pastMarkup, pastName, pastSpace } from './markup.ts';

/**
 * What fast-xml-parser would not read as XML says, each put out of its way at the same length, so that its offsets are
 * the source's.
 */
export interface Disarmed {
  /** What fast-xml-parser is to read. */
  readonly text: string;
  /** The processing instructions, in the order of the document. */
  readonly instructions: readonly XmlInstruction[];
  /** Undoes what was done to characters of names and values. */
  readonly restore: (text: string) => string;
}

/**
 * Name characters of XML that are white space to JavaScript, at which names would be cut. Control characters, which no
 * well-formed document has, stand in for them.
 */
const SPACES_IN_NAMES = /[\u1680\uFEFF]/g;
const STAND_INS: ReadonlyMap<string, string> = new Map([
  ['\u1680', '\u0001'],
  ['\uFEFF', '\u0002'],
  ['\u0001', '\u1680'],
  ['\u0002', '\uFEFF'],
]);
const standIn = (character: string): string => STAND_INS.get(character) ?? character;

const unchanged = (text: string): string => text;

/** @param hasInstructions - whether there are processing instructions beside the XML declaration */
export function disarm(text: string, hasInstructions: boolean): Disarmed {
  const { masked, instructions } = hasInstructions
    ? maskInstructions(text)
    : { masked: text, instructions: [] };
  if (!SPACES_IN_NAMES.test(text)) return { text: masked, instructions, restore: unchanged };
  SPACES_IN_NAMES.lastIndex = 0;
  return {
    text: masked.replaceAll(SPACES_IN_NAMES, standIn),
    instructions,
    // oxlint-disable-next-line no-control-regex -- the stand-ins are control characters
    restore: (value) => value.replaceAll(/[\u0001\u0002]/g, standIn),
  };
}

/**
 * fast-xml-parser reads attributes in a processing instruction and looks for the end of quotes behind it. So it gets
 * them without quotes, and their text is read here.
 */
function maskInstructions(text: string): {
  readonly masked: string;
  readonly instructions: readonly XmlInstruction[];
} {
  const instructions: XmlInstruction[] = [];
  const parts: string[] = [];
  let last = 0;
  for (let open = text.indexOf('<'); open !== -1; open = text.indexOf('<', last)) {
    const end = pastMarkup(text, open);
    const markup = text.slice(open, end);
    const isInstruction = markup.startsWith('<?');
    parts.push(text.slice(last, open), isInstruction ? markup.replaceAll(/["']/g, ' ') : markup);
    if (isInstruction && !/^<\?xml[ \t\r\n]/.test(markup))
      instructions.push(readInstruction(markup));
    last = end;
  }
  parts.push(text.slice(last));
  return { masked: parts.join(''), instructions };
}

function readInstruction(markup: string): XmlInstruction {
  const targetEnd = pastName(markup, 2);
  const text = markup.slice(pastSpace(markup, targetEnd), -2);
  return {
    kind: 'instruction',
    target: markup.slice(2, targetEnd),
    text: normalizeLineEnds(text),
  };
}
