import type { Readable, Writable } from 'node:stream';
import { TextDocument } from 'vscode-languageserver-textdocument';
import {
  CodeActionKind,
  createConnection,
  StreamMessageReader,
  StreamMessageWriter,
  TextDocuments,
  TextDocumentSyncKind,
} from 'vscode-languageserver/node';
import type { Issue } from '../errors.ts';
import { completionsAt, type HostNames } from './completion.ts';
import { diagnosticOf, type Found } from './diagnostics.ts';
import { kindOf } from './documents.ts';
import { fixesIn } from './fixes.ts';
import { formattingEdits } from './format.ts';
import { hoverAt } from './hover.ts';
import { checkedMessages } from './params.ts';
import { editsIn } from './places.ts';
import { serveRename } from './serve-rename.ts';

export interface LanguageOptions {
  readonly version: string;
  /** The findings of a document, which may be unfinished. */
  readonly validate: (text: string, file: string) => Promise<readonly Issue[]>;
  /** The names of the host that documents are for; undefined: there is none. */
  readonly host?: (() => Promise<HostNames>) | undefined;
  /** Ends the server. */
  readonly signal: AbortSignal;
}

interface Checked {
  readonly version: number;
  readonly findings: readonly Found[];
}

/** A level is not indented by more. */
const MOST_SPACES = 16;

/** How long typing has to pause before a document is checked. */
const PAUSE_MS = 150;

/**
 * Speaks the Language Server Protocol 3.17 until the client says `exit`, its stream ends, or `signal` is aborted. Documents
 * that are not of this library are left alone.
 */
export function serveLanguage(
  input: Readable,
  output: Writable,
  { version, validate, host, signal }: LanguageOptions,
): Promise<void> {
  const writer = new StreamMessageWriter(output);
  const connection = createConnection(new StreamMessageReader(input), writer, {
    messageStrategy: checkedMessages(writer),
  });
  const documents = new TextDocuments(TextDocument);
  const checked = new Map<string, Checked>();
  const timers = new Map<string, NodeJS.Timeout>();
  let hasEnded = false;

  connection.onInitialize(() => ({
    capabilities: {
      textDocumentSync: TextDocumentSyncKind.Incremental,
      completionProvider: { triggerCharacters: ['<', ' ', "'", '"', '/'] },
      hoverProvider: true,
      documentFormattingProvider: true,
      renameProvider: { prepareProvider: true },
      codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
    },
    serverInfo: { name: 'virt-nodedev', version },
  }));

  const check = async (uri: string): Promise<void> => {
    const document = documents.get(uri);
    if (document === undefined) return;
    const text = document.getText();
    const issues = kindOf(text) === undefined ? [] : await validate(text, uri);
    // Newer text is checked by itself.
    if (hasEnded || documents.get(uri)?.version !== document.version) return;
    const { version: of } = document;
    const findings = issues.map((issue) => ({ issue, diagnostic: diagnosticOf(issue, document) }));
    checked.set(uri, { version: of, findings });
    const diagnostics = findings.map(({ diagnostic }) => diagnostic);
    await connection.sendDiagnostics({ uri, version: document.version, diagnostics });
  };
  documents.onDidChangeContent(({ document: { uri } }) => {
    clearTimeout(timers.get(uri));
    timers.set(
      uri,
      setTimeout(() => {
        check(uri).catch((error: unknown) => {
          if (hasEnded) return;
          connection.console.error(error instanceof Error ? error.message : String(error));
        });
      }, PAUSE_MS),
    );
  });
  documents.onDidClose(({ document: { uri } }) => {
    clearTimeout(timers.get(uri));
    timers.delete(uri);
    checked.delete(uri);
    void connection.sendDiagnostics({ uri, diagnostics: [] });
  });

  connection.onCompletion(async ({ textDocument: { uri }, position }) => {
    const document = documents.get(uri);
    if (document === undefined) return [];
    return [...(await completionsAt(document.getText(), document.offsetAt(position), host))];
  });
  /** What is found in a document as it is now. */
  const findingsOf = async (document: TextDocument): Promise<readonly Found[]> => {
    const { uri } = document;
    if (checked.get(uri)?.version !== document.version) await check(uri);
    return checked.get(uri)?.findings ?? [];
  };
  connection.onHover(async ({ textDocument: { uri }, position }) => {
    const document = documents.get(uri);
    if (document === undefined) return null;
    return hoverAt(position, await findingsOf(document));
  });
  connection.onCodeAction(async ({ textDocument: { uri }, range }) => {
    const document = documents.get(uri);
    if (document === undefined) return [];
    return [...fixesIn(range, await findingsOf(document), document)];
  });

  connection.onDocumentFormatting(({ textDocument: { uri }, options }) => {
    const document = documents.get(uri);
    const text = document?.getText() ?? '';
    if (document === undefined || kindOf(text) === undefined) return null;
    const unit = options.insertSpaces ? ' '.repeat(Math.min(options.tabSize, MOST_SPACES)) : '\t';
    const edits = formattingEdits(text, unit);
    return edits === undefined ? null : editsIn(document, edits);
  });
  serveRename(connection, documents);

  documents.listen(connection);
  connection.listen();
  return new Promise((resolve) => {
    const end = (): void => {
      hasEnded = true;
      for (const timer of timers.values()) clearTimeout(timer);
      input.pause();
      resolve();
    };
    connection.onExit(end);
    input.once('end', end);
    signal.addEventListener('abort', end, { once: true });
  });
}
