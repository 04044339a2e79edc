import * as v from 'valibot';
import {
  ErrorCodes,
  Message,
  type MessageStrategy,
  type MessageWriter,
  type NotificationMessage,
  type ResponseMessage,
} from 'vscode-languageserver/node';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const position = v.looseObject({ line: count, character: count });
const range = v.looseObject({ start: position, end: position });
const textDocument = v.looseObject({ uri: v.string() });
const place = v.looseObject({ textDocument, position });

/** What a method's parameters must have for our handlers and the library's. */
const SHAPES: Readonly<Record<string, v.GenericSchema>> = {
  initialize: v.looseObject({ capabilities: v.looseObject({}) }),
  'textDocument/didOpen': v.looseObject({
    textDocument: v.looseObject({
      uri: v.string(),
      languageId: v.string(),
      version: v.number(),
      text: v.string(),
    }),
  }),
  'textDocument/didChange': v.looseObject({
    textDocument: v.looseObject({ uri: v.string(), version: v.number() }),
    contentChanges: v.array(v.looseObject({ range: v.optional(range), text: v.string() })),
  }),
  'textDocument/didClose': v.looseObject({ textDocument }),
  'textDocument/completion': place,
  'textDocument/hover': place,
  'textDocument/formatting': v.looseObject({
    textDocument,
    options: v.looseObject({ tabSize: count, insertSpaces: v.boolean() }),
  }),
  'textDocument/prepareRename': place,
  'textDocument/rename': v.looseObject({ textDocument, position, newName: v.string() }),
  'textDocument/codeAction': v.looseObject({ textDocument, range }),
};

/**
 * Answers requests whose parameters are not what their method takes with InvalidParams; of notifications, which have no answer, the
 * client is told in its log. The library asks for parameters, but not for what is in them.
 */
export function checkedMessages(writer: MessageWriter): MessageStrategy {
  return {
    handleMessage(message, next) {
      const problem = problemOf(message);
      if (problem === undefined) return next(message);
      const { jsonrpc } = message;
      const error = { code: ErrorCodes.InvalidParams, message: problem };
      const log = { method: 'window/logMessage', params: { type: 1, message: problem } };
      const answer: ResponseMessage | NotificationMessage = Message.isRequest(message)
        ? { jsonrpc, id: message.id, error }
        : { jsonrpc, ...log };
      return writer.write(answer);
    },
  };
}

function problemOf(message: Message): string | undefined {
  if (!('method' in message) || typeof message.method !== 'string') return undefined;
  const shape = Object.hasOwn(SHAPES, message.method) ? SHAPES[message.method] : undefined;
  if (shape === undefined) return undefined;
  const [issue] = v.safeParse(shape, 'params' in message ? message.params : undefined).issues ?? [];
  if (issue === undefined) return undefined;
  const path = v.getDotPath(issue);
  return `${message.method}: params${path === null ? '' : `.${path}`}: ${issue.message}`;
}
