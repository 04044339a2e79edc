import { PassThrough } from 'node:stream';
import {
  type CompletionItem,
  CompletionRequest,
  createProtocolConnection,
  DidChangeTextDocumentNotification,
  DidOpenTextDocumentNotification,
  InitializeRequest,
  type ProtocolConnection,
  PublishDiagnosticsNotification,
  type PublishDiagnosticsParams,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver-protocol/node';
import {
  type TextDocumentContentChangeEvent,
  TextDocument,
} from 'vscode-languageserver-textdocument';
import { onTestFinished } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { connect } from '../../src/remote/connect.ts';

export const URI = 'file:///vm.xml';

export interface Client {
  readonly protocol: ProtocolConnection;
  readonly code: Promise<number>;
  readonly input: PassThrough;
  /** Opens a document, or changes it, and returns what is found in it. */
  readonly write: (text: string, uri?: string) => Promise<PublishDiagnosticsParams>;
  /** Opens the first of some texts and changes it into the others; returns the last text and what is found in it. */
  readonly type: (
    texts: readonly string[],
    uri: string,
    /** Whether each one's findings are waited for. */
    waits: boolean,
  ) => Promise<{ readonly text: string; readonly found: PublishDiagnosticsParams }>;
  /** How often findings came. */
  readonly shown: () => number;
  /** What is offered at `|`. */
  readonly complete: (text: string) => Promise<readonly string[]>;
}

/** An editor that has started the command. */
export async function start(...words: readonly string[]): Promise<Client> {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const code = main(['lsp', ...words], {
    stdout: () => undefined,
    stderr: () => undefined,
    stdin: () => Promise.resolve(new Uint8Array()),
    streams: { input, output },
    env: {},
    cwd: process.cwd(),
    interruption: () => new AbortController().signal,
    connect: (uri, options) => connect(uri, options),
  });
  const protocol = createProtocolConnection(
    new StreamMessageReader(output),
    new StreamMessageWriter(input),
  );
  const waiting = new Map<number, (found: PublishDiagnosticsParams) => void>();
  let shown = 0;
  protocol.onNotification(PublishDiagnosticsNotification.type, (found) => {
    shown += 1;
    waiting.get(found.version ?? 0)?.(found);
  });
  protocol.listen();
  onTestFinished(() => {
    input.end();
    protocol.dispose();
  });
  await protocol.sendRequest(InitializeRequest.type, {
    processId: null,
    rootUri: null,
    capabilities: {},
  });
  let version = 0;
  const open = new Set<string>();
  const write: Client['write'] = async (text, uri = URI) => {
    version += 1;
    const found = new Promise<PublishDiagnosticsParams>((resolve) => waiting.set(version, resolve));
    if (!open.has(uri)) {
      open.add(uri);
      await protocol.sendNotification(DidOpenTextDocumentNotification.type, {
        textDocument: { uri, languageId: 'xml', version, text },
      });
    } else {
      await protocol.sendNotification(DidChangeTextDocumentNotification.type, {
        textDocument: { uri, version },
        contentChanges: [{ text }],
      });
    }
    return found;
  };
  const type: Client['type'] = async ([first = '', ...others], uri, waits) => {
    let found = write(first, uri);
    const document = TextDocument.create(uri, 'xml', version, first);
    for (const text of others) {
      if (waits) await found;
      version += 1;
      const contentChanges = [changeOf(document, text)];
      TextDocument.update(document, contentChanges, version);
      found = new Promise((resolve) => waiting.set(version, resolve));
      await protocol.sendNotification(DidChangeTextDocumentNotification.type, {
        textDocument: { uri, version },
        contentChanges,
      });
    }
    return { text: document.getText(), found: await found };
  };
  return {
    protocol,
    code,
    input,
    write,
    type,
    shown: () => shown,
    async complete(marked) {
      const text = marked.replace('|', '');
      await write(text);
      const lines = marked.slice(0, marked.indexOf('|')).split('\n');
      const position = { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
      const items = await protocol.sendRequest(CompletionRequest.type, {
        textDocument: { uri: URI },
        position,
      });
      const list: readonly CompletionItem[] = Array.isArray(items) ? items : (items?.items ?? []);
      return list.map(({ label }) => label);
    },
  };
}

/** How an editor tells that a text became another one: what is between that which is the same at both ends. */
function changeOf(document: TextDocument, after: string): TextDocumentContentChangeEvent {
  const before = document.getText();
  const most = Math.min(before.length, after.length);
  let head = 0;
  while (head < most && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < most - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  const range = {
    start: document.positionAt(head),
    end: document.positionAt(before.length - tail),
  };
  return { range, text: after.slice(head, after.length - tail) };
}
