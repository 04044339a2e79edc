import type { ErrorCode, Location } from '../errors.ts';
import { NodedevError } from '../errors.ts';

/** A decoded document and how messages name it. */
export interface XmlSource {
  readonly text: string;
  /** What messages call it: `(name):line: text`. */
  readonly name: string;
  /** For {@link Location}; undefined for text that came from no file. */
  readonly file: string | undefined;
  /** Of a part of a text that is being edited: where an offset of the part is in that text now. */
  readonly locate?: Locate | undefined;
}

/** The location of an offset. What it says of the same offset may change. */
export type Locate = (offset: number) => Location;

const BYTE_ORDER_MARK = 0xfeff;

/**
 * Turns offsets into locations. Made for offsets that grow: each character is looked at once, however many locations
 * are asked for. A line ends with LF, as in libxml2 and in every editor's count of CRLF files; columns leave a byte
 * order mark out.
 */
export class LineTracker {
  readonly #source: XmlSource;
  #line: number;
  #lineStart: number;
  #nextBreak: number;

  /** @param from - a place known already: no offset before it is asked for */
  constructor(source: XmlSource, from?: { readonly offset: number; readonly location: Location }) {
    this.#source = source;
    const mark = source.text.charCodeAt(0) === BYTE_ORDER_MARK ? 1 : 0;
    this.#line = from?.location.line ?? 1;
    this.#lineStart = from === undefined ? mark : from.offset - from.location.column + 1;
    this.#nextBreak = nextBreak(source.text, from?.offset ?? 0);
  }

  /** The location of an offset that is not before the one asked for last. */
  locate(offset: number): Location {
    const { text, file, locate } = this.#source;
    if (locate !== undefined) return locate(offset);
    while (this.#nextBreak < offset) {
      this.#line += 1;
      this.#lineStart = this.#nextBreak + 1;
      this.#nextBreak = nextBreak(text, this.#lineStart);
    }
    const line = this.#line;
    const column = Math.max(offset - this.#lineStart, 0) + 1;
    return file === undefined ? { line, column } : { file, line, column };
  }
}

/** Locations of a text's offsets in any order, as a {@link LineTracker} gives them. */
export class LineTable {
  readonly #file: string | undefined;
  readonly #starts: number[];

  constructor(text: string, file?: string) {
    this.#file = file;
    this.#starts = [text.charCodeAt(0) === BYTE_ORDER_MARK ? 1 : 0];
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) {
      this.#starts.push(at + 1);
    }
  }

  locate(offset: number): Location {
    let [line, past] = [0, this.#starts.length];
    while (past - line > 1) {
      const middle = (line + past) >> 1;
      if ((this.#starts[middle] ?? 0) <= offset) line = middle;
      else past = middle;
    }
    const column = Math.max(offset - (this.#starts[line] ?? 0), 0) + 1;
    const file = this.#file;
    return file === undefined ? { line: line + 1, column } : { file, line: line + 1, column };
  }

  /** The offset of a location, if the text has it. */
  offset({ line, column }: Location): number | undefined {
    const start = this.#starts[line - 1];
    return start === undefined ? undefined : start + column - 1;
  }
}

/** An error in libvirt's form, `(name):line: text`, at an offset of the text. */
export function sourceError(
  source: XmlSource,
  code: ErrorCode,
  offset: number,
  message: string,
  details: { readonly hint?: string; readonly cause?: unknown } = {},
): NodedevError {
  const location = new LineTracker(source).locate(offset);
  return new NodedevError(code, `(${source.name}):${location.line}: ${message}`, {
    ...details,
    location,
  });
}

/** Offset of the next LF; past every offset when there is none. */
function nextBreak(text: string, from: number): number {
  const index = text.indexOf('\n', from);
  return index === -1 ? Number.MAX_SAFE_INTEGER : index;
}
