import { type Issue, type Location, NodedevError } from '../errors.ts';
import { type ErrorAnswer, envelopeOf, type IssueAnswer } from './answers.ts';
import { commandHint } from './command-hint.ts';
import { EXIT } from './exit-codes.ts';
import { FileError, MdevctlError, UsageError } from './failures.ts';
import type { Io } from './io.ts';
import { shownJson } from './shown.ts';
import { printable } from '../terminal-text.ts';

/** An issue, or a failure that is the command's own (codes `usage` and `file`). */
interface Reported<Code extends string = Issue['code'] | 'usage' | 'file'>
  extends Omit<Issue, 'code'> {
  readonly code: Code;
}

/** How to report an error. */
export interface ErrorReport {
  readonly json: boolean;
  /** virsh's first line. */
  readonly sentence?: string | undefined;
  /** What was told before, for JSON. */
  readonly warnings?: readonly Issue[] | undefined;
}

/** Prints an error to standard error, and returns the exit code. */
export function reportError(
  error: unknown,
  io: Io,
  { json, sentence, warnings = [] }: ErrorReport,
): number {
  if (error instanceof UsageError || error instanceof FileError) {
    const code = error instanceof UsageError ? 'usage' : 'file';
    const hint = error instanceof UsageError ? error.hint : undefined;
    const issue: Reported = { code, message: error.message, severity: 'error', hint };
    io.stderr(json ? jsonError(issue, [], warnings) : issueLines(issue).join(''));
    return error instanceof UsageError ? EXIT.usage : EXIT.failure;
  }
  if (error instanceof MdevctlError) {
    io.stderr(mdevctlLines(error).join(''));
    return EXIT.failure;
  }
  if (error instanceof NodedevError) {
    const first = sentence === undefined || json ? '' : `error: ${printable(sentence)}\n`;
    io.stderr(
      json ? jsonError(error, furtherIssues(error), warnings) : first + errorLines(error).join(''),
    );
    return EXIT.failure;
  }
  if (isSystemError(error)) {
    io.stderr(`error: ${printable(error.message)}\n`);
    return EXIT.failure;
  }
  io.stderr(`error: internal error, please report it\n${stackOf(error)}\n`);
  return EXIT.bug;
}

/** mdevctl's line, and what this program says beyond it. Places in a document that nobody wrote say nothing. */
function mdevctlLines({ message, cause, hint }: MdevctlError): readonly string[] {
  const first = `Error: ${printable(message)}\n`;
  if (!(cause instanceof NodedevError)) {
    return hint === undefined ? [first] : [first, `hint: ${printable(commandHint(hint))}\n`];
  }
  const lines = [cause, ...furtherIssues(cause)].flatMap((issue) =>
    issueLines(
      issue.location?.file === undefined ? { ...issueData(issue), location: undefined } : issue,
    ),
  );
  return [first, ...lines.filter((line) => line !== `error: ${printable(message)}\n`)];
}

/** An error and every further issue of it. */
export function errorLines(error: NodedevError): readonly string[] {
  return [error, ...furtherIssues(error)].flatMap((issue) => issueLines(issue));
}

/** `error: file:line:column: message` and, when there is one, a line with the hint. */
export function issueLines(issue: Reported, severity = issue.severity): readonly string[] {
  const place = issue.location === undefined ? '' : `${locationText(issue.location)}: `;
  const hint = issue.hint === undefined ? [] : [`hint: ${printable(commandHint(issue.hint))}\n`];
  return [`${severity}: ${printable(place + issue.message)}\n`, ...hint];
}

/** An issue's stable fields, with the hint as the command gives it. */
export function issueData<Code extends string>({
  code,
  severity,
  message,
  location,
  hint,
}: Reported<Code>): IssueAnswer & { readonly code: Code } {
  return { code, severity, message, location, hint: hint && commandHint(hint) };
}

/** The message of a defect in one line, and its location. */
function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return printable(String(error));
  const frames = (error.stack ?? '').split('\n').filter((line) => line.startsWith('    at '));
  return [printable(`${error.name}: ${error.message}`), ...frames.map(printable)].join('\n');
}

/** Whether it is an error of the operating system without a sentence of ours, and so no defect. */
function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error && 'errno' in error;
}

/** An error as it stands in an answer. */
export function errorAnswer(error: NodedevError): ErrorAnswer['error'] {
  return errorData(error, furtherIssues(error));
}

function errorData(issue: Reported, further: readonly Issue[]): ErrorAnswer['error'] {
  const issues = further.map((each) => issueData(each));
  return { ...issueData(issue), severity: 'error', issues };
}

function jsonError(issue: Reported, further: readonly Issue[], warnings: readonly Issue[]): string {
  const answer: ErrorAnswer = { error: errorData(issue, further) };
  const around = { warnings: warnings.map((each) => issueData(each)) };
  return `${shownJson(envelopeOf('error', answer, around))}\n`;
}

function locationText({ file, line, column }: Location): string {
  return `${file ?? '<input>'}:${line}:${column}`;
}

function furtherIssues(error: NodedevError): readonly Issue[] {
  return error.issues.filter((issue) => !isSame(issue, error));
}

/** Whether an issue equals the error itself: for an invalid document, the error is also its first issue. */
function isSame(issue: Issue, error: NodedevError): boolean {
  return (
    issue.message === error.message &&
    issue.location?.line === error.location?.line &&
    issue.location?.column === error.location?.column
  );
}
