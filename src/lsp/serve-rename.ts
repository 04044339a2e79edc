import {
  type Connection,
  ErrorCodes,
  LSPErrorCodes,
  type Position,
  ResponseError,
  type TextDocuments,
  type WorkspaceEdit,
} from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { parseUuid } from '../nodedev/uuid.ts';
import { kindOf } from './documents.ts';
import { editsIn } from './places.ts';
import { inFormOf, type UuidPlace, uuidPlaces } from './rename.ts';

/** Renames a uuid in all open documents; those on the disk are not looked at. */
export function serveRename(connection: Connection, documents: TextDocuments<TextDocument>): void {
  connection.onPrepareRename(({ textDocument: { uri }, position }) => {
    const document = documents.get(uri);
    const place = document && placeAt(document, position);
    if (document === undefined || place === undefined) return null;
    const { start, end, uuid } = place;
    const range = { start: document.positionAt(start), end: document.positionAt(end) };
    return { range, placeholder: uuid };
  });

  connection.onRenameRequest(({ textDocument: { uri }, position, newName }) => {
    const document = documents.get(uri);
    const old = document && placeAt(document, position);
    if (old === undefined) return null;
    const uuid = parseUuid(newName);
    if (uuid === undefined) {
      return new ResponseError(ErrorCodes.InvalidParams, 'A uuid has 32 hexadecimal digits.');
    }
    const open = documents.all().map((one) => ({ document: one, places: placesOf(one) }));
    const isOf = (wanted: string) => (place: UuidPlace) =>
      place.uuid === wanted && place.ofDomain === old.ofDomain;
    const taken = open.find(({ places }) => places.some(isOf(uuid)));
    if (taken !== undefined && uuid !== old.uuid) {
      const message = `${taken.document.uri} has that uuid already: two would become one.`;
      return new ResponseError(LSPErrorCodes.RequestFailed, message);
    }
    const changes = open.flatMap(({ document: one, places }) => {
      const text = one.getText();
      const edits = places.filter(isOf(old.uuid)).map(({ start, end }) => ({
        start,
        end,
        text: inFormOf(text.slice(start, end), uuid),
      }));
      return edits.length === 0 ? [] : [[one.uri, editsIn(one, edits)] as const];
    });
    return { changes: Object.fromEntries(changes) } satisfies WorkspaceEdit;
  });
}

const placesOf = (document: TextDocument): readonly UuidPlace[] => {
  const text = document.getText();
  return kindOf(text) === undefined ? [] : uuidPlaces(text);
};

function placeAt(document: TextDocument, position: Position): UuidPlace | undefined {
  const offset = document.offsetAt(position);
  return placesOf(document).find(({ start, end }) => start <= offset && offset <= end);
}
