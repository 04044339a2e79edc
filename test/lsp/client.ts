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
  protocol.onNotification(PublishDiagnosticsNotification.type, (found) => {
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
  return {
    protocol,
    code,
    input,
    write,
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
