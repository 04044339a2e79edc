import { SaxesParser } from 'saxes';
import { NodedevError } from '../errors.ts';
import { MAX_DEPTH, MAX_NAME_LENGTH, MAX_NODES, MAX_TEXT_LENGTH } from './limits.ts';
import { malformed } from './malformed.ts';
import { pastMisc } from './markup.ts';
import type { XmlSource } from './source.ts';
import { sourceError } from './source.ts';

/** Namespaces are not looked at: libxml2 reports what is wrong with them and reads on. */
const OPTIONS = {
  xmlns: false,
  position: false,
  // What declares itself 1.1 is read as 1.0, as libxml2 does.
  forceXMLVersion: true,
  defaultXMLVersion: '1.0',
} as const;

/** What the gate saw of a document on its way. */
export interface Seen {
  /** Of each element in document order, the offset of its `<` and the one behind its last `>`. */
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  /** Whether there are processing instructions beside the XML declaration. */
  readonly hasInstructions: boolean;
}

/**
 * Refuses what is not well-formed XML 1.0, a DOCTYPE, and what is too much for those who read on.
 *
 * saxes accepts and refuses what libxml2 (the parser libvirt uses) does: `npm run test:oracle` compares them. It stops
 * at the first mistake, and each limit holds before anything is built.
 *
 * @throws NodedevError `xml-malformed`, `xml-doctype`, `xml-too-deep`, `xml-too-large`
 */
export function checkWellFormed(source: XmlSource): Seen {
  const { text } = source;
  refuseDoctype(source);
  const parser = new SaxesParser(OPTIONS);
  const starts: number[] = [];
  const ends: number[] = [];
  /** The elements that are not closed yet, by their number. */
  const open: number[] = [];
  let nodes = 0;
  let hasInstructions = false;
  /** Behind the markup before this: character data holds no `<`, so that the next one begins markup. */
  let behindMarkup = 0;
  const passMarkup = (): void => {
    behindMarkup = parser.position;
  };
  const count = (): void => {
    nodes += 1;
    if (nodes <= MAX_NODES) return;
    const message = `Document has more than ${MAX_NODES} elements and attributes`;
    throw sourceError(source, 'xml-too-large', parser.position, message, { hint: 'split it' });
  };
  const tooLong = (what: string, most: number): NodedevError =>
    sourceError(
      source,
      'xml-too-large',
      parser.position,
      `${what} has more than ${most} characters`,
    );
  parser.on('opentagstart', ({ name }) => {
    count();
    const start = text.lastIndexOf('<', parser.position - 1);
    if (name.length > MAX_NAME_LENGTH) throw tooLong('A name', MAX_NAME_LENGTH);
    if (open.length >= MAX_DEPTH) {
      const message = `Elements are nested more than ${MAX_DEPTH} deep`;
      throw sourceError(source, 'xml-too-deep', start, message);
    }
    open.push(starts.length);
    starts.push(start);
    passMarkup();
  });
  parser.on('attribute', ({ name, value }) => {
    count();
    if (name.length > MAX_NAME_LENGTH) throw tooLong('A name', MAX_NAME_LENGTH);
    if (value.length > MAX_TEXT_LENGTH) throw tooLong('A value', MAX_TEXT_LENGTH);
  });
  parser.on('closetag', ({ name }) => {
    const element = open.pop() ?? 0;
    ends[element] = parser.position;
    closed = { name, start: starts[element] ?? 0 };
    passMarkup();
  });
  if (text.length > MAX_TEXT_LENGTH) {
    parser.on('text', (run) => {
      if (run.length > MAX_TEXT_LENGTH) throw tooLong('A text', MAX_TEXT_LENGTH);
    });
  }
  parser.on('xmldecl', passMarkup);
  parser.on('cdata', passMarkup);
  parser.on('comment', () => {
    count();
    passMarkup();
  });
  parser.on('processinginstruction', ({ target }) => {
    count();
    const behindTarget = text.indexOf('<?', behindMarkup) + 2 + target.length;
    refuseTightInstruction(source, behindTarget);
    hasInstructions = true;
    passMarkup();
  });
  let closed = { name: '', start: 0 };
  try {
    parser.write(text).close();
  } catch (error) {
    if (error instanceof NodedevError || !(error instanceof Error)) throw error;
    const { position } = parser;
    const unclosed = open.map((element) => starts[element] ?? 0);
    const [rootEnd] = ends;
    throw malformed(source, { reason: error.message, position, open: unclosed, rootEnd, closed });
  }
  return { starts, ends, hasInstructions };
}

/** saxes takes `<?x?y?>` for an instruction; production 16 of XML 1.0 wants a blank, or the end, behind the target. */
function refuseTightInstruction(source: XmlSource, behindTarget: number): void {
  if (/^(?:[ \t\r\n]|\?>)/.test(source.text.slice(behindTarget, behindTarget + 2))) return;
  const message = 'ParsePI: PI without space behind its name';
  throw sourceError(source, 'xml-malformed', behindTarget, message);
}

function refuseDoctype(source: XmlSource): void {
  const offset = pastMisc(source.text, 0);
  if (!source.text.startsWith('<!DOCTYPE', offset)) return;
  throw sourceError(source, 'xml-doctype', offset, 'Document type declarations are not read', {
    hint: 'remove the <!DOCTYPE …>; write characters instead of entities',
  });
}
