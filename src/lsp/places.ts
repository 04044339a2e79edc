import type { TextEdit as ProtocolEdit } from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Location } from '../errors.ts';
import { LineTable } from '../xml/source.ts';
import type { TextEdit } from '../xml/text-edits.ts';

/** What gives the offsets of locations in a text. */
export function offsetsIn(text: string): (location: Location) => number {
  const lines = new LineTable(text);
  return (location) => Math.min(lines.offset(location) ?? text.length, text.length);
}

/** Edits as editors take them. */
export function editsIn(document: TextDocument, edits: readonly TextEdit[]): ProtocolEdit[] {
  return edits.map(({ start, end, text }) => ({
    range: { start: document.positionAt(start), end: document.positionAt(end) },
    newText: text,
  }));
}
