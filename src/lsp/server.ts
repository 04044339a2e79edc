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
import { type Found, foundIn } from './diagnostics.ts';
import { kindOf } from './documents.ts';
import { fixesIn } from './fixes.ts';
import { formattingEdits } from './format.ts';
import { hoverAt } from './hover.ts';
import { checkedMessages } from './params.ts';
import { editsIn } from './places.ts';
import { serveRename } from './serve-rename.ts';

export interface LanguageOptions {
  readonly version: string;
  /** What finds the issues of one document's texts, which may be unfinished. It is kept until the document is closed. */
  readonly validation: (
    file: string,
  ) => (text: string) => readonly Issue[] | Promise<readonly Issue[]>;
  /** The names of the host that documents are for; undefined: there is none. */
  readonly host?: (() => Promise<HostNames>) | undefined;
  /** Ends the server. */
  readonly signal: AbortSignal;
}

/** A document that an editor has open. */
interface Open {
  readonly validate: ReturnType<LanguageOptions['validation']>;
  /** What was found last, in which version. */
  checked?: { readonly version: number; readonly findings: readonly Found[] };
  timer?: NodeJS.Timeout;
}

/** A level is not indented by more. */
const MOST_SPACES = 16;

/** How long typing has to pause before a host is asked, or a document of more than {@link LONG} characters is checked. */
const PAUSE_MS = 150;
const LONG = 500_000;

/**
 * Speaks the Language Server Protocol 3.17 until the client says `exit`, its stream ends, or `signal` is aborted. Documents
 * that are not of this library are left alone.
 */
export function serveLanguage(
  input: Readable,
  output: Writable,
  { version, validation, host, signal }: LanguageOptions,
): Promise<void> {
  const writer = new StreamMessageWriter(output);
  const connection = createConnection(new StreamMessageReader(input), writer, {
    messageStrategy: checkedMessages(writer),
  });
  const documents = new TextDocuments(TextDocument);
  const opened = new Map<string, Open>();
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
    const [document, open] = [documents.get(uri), opened.get(uri)];
    if (document === undefined || open === undefined) return;
    clearTimeout(open.timer);
    const { version: of } = document;
    const text = document.getText();
    const issues = kindOf(text) === undefined ? [] : await open.validate(text);
    // Newer text is checked by itself.
    if (hasEnded || opened.get(uri) !== open || document.version !== of) return;
    const findings = foundIn(document, issues);
    open.checked = { version: of, findings };
    const diagnostics = findings.map(({ diagnostic }) => diagnostic);
    await connection.sendDiagnostics({ uri, version: of, diagnostics });
  };
  documents.onDidOpen(({ document: { uri } }) => {
    opened.set(uri, { validate: validation(uri) });
  });
  documents.onDidChangeContent(({ document }) => {
    const { uri } = document;
    const open = opened.get(uri);
    if (open === undefined) return;
    clearTimeout(open.timer);
    // A moment later all changes that have arrived are in the document: none of them is checked that is overtaken.
    open.timer = setTimeout(
      () => {
        check(uri).catch((error: unknown) => {
          if (hasEnded) return;
          connection.console.error(error instanceof Error ? error.message : String(error));
        });
      },
      host !== undefined || document.getText().length > LONG ? PAUSE_MS : 1,
    );
  });
  documents.onDidClose(({ document: { uri } }) => {
    clearTimeout(opened.get(uri)?.timer);
    opened.delete(uri);
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
    if (opened.get(uri)?.checked?.version !== document.version) await check(uri);
    return opened.get(uri)?.checked?.findings ?? [];
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
      for (const { timer } of opened.values()) clearTimeout(timer);
      input.pause();
      resolve();
    };
    connection.onExit(end);
    input.once('end', end);
    signal.addEventListener('abort', end, { once: true });
  });
}
