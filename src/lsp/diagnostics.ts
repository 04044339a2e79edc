import { type Diagnostic, DiagnosticSeverity, type Range } from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Issue, Severity } from '../errors.ts';

const SEVERITY: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  notice: DiagnosticSeverity.Information,
};

/** What an editor underlines: a tag's name, an attribute with its value, or a text. */
const MARKED = /^(?:<\/?[^\s<>/]*|[^\s=<>]+\s*=\s*(?:"[^"\n]*"|'[^'\n]*')|[^<\n]+)/u;

/** A finding as an editor shows it. */
export function diagnosticOf(issue: Issue, document: TextDocument): Diagnostic {
  const { code, message, hint, severity } = issue;
  return {
    range: rangeOf(issue, document),
    severity: SEVERITY[severity],
    source: 'virt-nodedev',
    code,
    message: hint === undefined ? message : `${message}\n${hint}`,
  };
}

/** Without a location, a finding is about the whole document, and stands at its start. */
function rangeOf({ location }: Issue, document: TextDocument): Range {
  const start = { line: (location?.line ?? 1) - 1, character: (location?.column ?? 1) - 1 };
  const offset = document.offsetAt(start);
  const [marked = ''] = MARKED.exec(document.getText().slice(offset, offset + 1000)) ?? [];
  return { start, end: document.positionAt(offset + marked.trimEnd().length) };
}
