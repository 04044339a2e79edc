import {
  type Diagnostic,
  DiagnosticSeverity,
  type Position,
  type Range,
} from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Issue, Severity } from '../errors.ts';
import { offsetsIn } from './places.ts';

const SEVERITY: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  notice: DiagnosticSeverity.Information,
};

/** Whether two ranges have a place in common; their ends belong to them. */
export function touches(left: Range, right: Range): boolean {
  return !isBefore(left.end, right.start) && !isBefore(right.end, left.start);
}

function isBefore(left: Position, right: Position): boolean {
  return left.line < right.line || (left.line === right.line && left.character < right.character);
}

/** What an editor underlines: a tag's name, an attribute with its value, or a text. */
const MARKED = /^(?:<\/?[^\s<>/]*|[^\s=<>]+\s*=\s*(?:"[^"\n]*"|'[^'\n]*')|[^<\n]+)/u;

/** A finding in both forms. */
export interface Found {
  readonly issue: Issue;
  readonly diagnostic: Diagnostic;
}

/** Findings as an editor shows them. */
export function foundIn(document: TextDocument, issues: readonly Issue[]): readonly Found[] {
  const text = document.getText();
  const offset = offsetsIn(text);
  return issues.map((issue) => {
    // Without a location, a finding is about the whole document, and stands at its start.
    const at = issue.location === undefined ? 0 : offset(issue.location);
    return { issue, diagnostic: diagnosticOf(issue, rangeAt(at, text, document)) };
  });
}

function diagnosticOf(issue: Issue, range: Range): Diagnostic {
  const { code, message, hint, severity } = issue;
  return {
    range,
    severity: SEVERITY[severity],
    source: 'virt-nodedev',
    code,
    message: hint === undefined ? message : `${message}\n${hint}`,
  };
}

function rangeAt(offset: number, text: string, document: TextDocument): Range {
  const [marked = ''] = MARKED.exec(text.slice(offset, offset + 1000)) ?? [];
  return {
    start: document.positionAt(offset),
    end: document.positionAt(offset + marked.trimEnd().length),
  };
}
