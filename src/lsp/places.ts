import type { TextEdit as ProtocolEdit } from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Location } from '../errors.ts';
import type { TextEdit } from '../xml/text-edits.ts';

/** The offset of a location, whose lines end with LF only, and whose columns leave a byte order mark out. */
export function offsetOf(
  text: string,
  { line, column }: Pick<Location, 'line' | 'column'>,
): number {
  let start = text.startsWith('\uFEFF') ? 1 : 0;
  for (let at = 1; at < line; at += 1) {
    const feed = text.indexOf('\n', start);
    if (feed === -1) return text.length;
    start = feed + 1;
  }
  return Math.min(start + column - 1, text.length);
}

/** Edits as editors take them. */
export function editsIn(document: TextDocument, edits: readonly TextEdit[]): ProtocolEdit[] {
  return edits.map(({ start, end, text }) => ({
    range: { start: document.positionAt(start), end: document.positionAt(end) },
    newText: text,
  }));
}
