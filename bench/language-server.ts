import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  CompletionRequest,
  createProtocolConnection,
  DidChangeTextDocumentNotification,
  DidOpenTextDocumentNotification,
  ExitNotification,
  HoverRequest,
  InitializeRequest,
  PublishDiagnosticsNotification,
  ShutdownRequest,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver-protocol/node';
import { TextDocument } from 'vscode-languageserver-textdocument';

const URI = 'file:///large.xml';

/** An editor with one document open, and the server that it started. */
export interface Editor {
  /** Puts `put` in the place of so many characters, and waits for what is found then. */
  readonly change: (at: number, less: number, put: string) => Promise<void>;
  /** The same, and waits for what is offered behind it. */
  readonly complete: (at: number, put: string) => Promise<void>;
  /** The same, and waits for what a finding there is about. */
  readonly hover: (at: number, put: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Starts the built command, and opens a document. */
export async function openEditor(text: string): Promise<Editor> {
  const server = spawn(process.execPath, ['dist/cli/bin.js', 'lsp', '--stdio'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const protocol = createProtocolConnection(
    new StreamMessageReader(server.stdout),
    new StreamMessageWriter(server.stdin),
  );
  const waiting = new Map<number, () => void>();
  protocol.onNotification(PublishDiagnosticsNotification.type, ({ version = 0 }) => {
    waiting.get(version)?.();
    waiting.delete(version);
  });
  protocol.listen();
  await protocol.sendRequest(InitializeRequest.type, {
    processId: null,
    rootUri: null,
    capabilities: {},
  });
  const document = TextDocument.create(URI, 'xml', 1, text);
  const found = (version: number): Promise<void> =>
    new Promise((resolve) => waiting.set(version, resolve));
  const opened = found(1);
  await protocol.sendNotification(DidOpenTextDocumentNotification.type, {
    textDocument: { uri: URI, languageId: 'xml', version: 1, text },
  });
  await opened;
  const send = (at: number, less: number, put: string): Promise<void> => {
    const version = document.version + 1;
    const range = { start: document.positionAt(at), end: document.positionAt(at + less) };
    const contentChanges = [{ range, text: put }];
    TextDocument.update(document, contentChanges, version);
    const textDocument = { uri: URI, version };
    return protocol.sendNotification(DidChangeTextDocumentNotification.type, {
      textDocument,
      contentChanges,
    });
  };
  const ask = async (
    type: typeof CompletionRequest | typeof HoverRequest,
    at: number,
    put: string,
  ) => {
    await send(at, 0, put);
    const position = document.positionAt(at + put.length);
    const answer = await protocol.sendRequest(type.method, {
      textDocument: { uri: URI },
      position,
    });
    if (answer === null) throw new Error(`nothing is answered to ${type.method}`);
  };
  return {
    async change(at, less, put) {
      const answer = found(document.version + 1);
      await send(at, less, put);
      await answer;
    },
    complete: (at, put) => ask(CompletionRequest, at, put),
    hover: (at, put) => ask(HoverRequest, at, put),
    async close() {
      const ended = once(server, 'exit');
      await protocol.sendRequest(ShutdownRequest.type);
      await protocol.sendNotification(ExitNotification.type);
      await ended;
      protocol.dispose();
    },
  };
}
