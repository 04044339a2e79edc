import type { DocumentReport, SourceText } from '../../engine/sources.ts';
import type { Issue, Location } from '../../errors.ts';
import { printable } from '../../terminal-text.ts';
import { sourceLines } from '../../engine/validate/source-text.ts';
import { excerpt } from './excerpt.ts';
import { otherXmlSkipped } from '../messages.ts';
import { issueData } from '../report-error.ts';

/** Columns for the line number: enough for most documents. */
const NUMBER_WIDTH = 5;

/** Each issue with its place, the line it is in, a caret below the column, and the hint. */
export function textReport(
  reports: readonly DocumentReport[],
  sources: readonly SourceText[],
): string {
  return reports
    .map(({ file, issues }, index) => {
      const text = issues.length === 0 ? '' : sources[index]?.text;
      const lines = sourceLines(text ?? '');
      return issues.map((issue) => `${issueText(file, issue, lines)}\n`).join('');
    })
    .join('');
}

/** `2 documents checked: 1 error, 3 warnings; 4 other XML files skipped`. */
export function summary(
  reports: readonly DocumentReport[],
  checked: number,
  others: number,
): string {
  const issues = reports.flatMap((report) => report.issues);
  const errors = issues.filter(({ severity }) => severity === 'error').length;
  const counts = [counted(errors, 'error'), counted(issues.length - errors, 'warning')];
  const found = counts.filter((count) => !count.startsWith('0 '));
  const skipped = others === 0 ? '' : `; ${otherXmlSkipped(others)}`;
  return `${counted(checked, 'document')} checked: ${found.join(', ') || 'no issues'}${skipped}`;
}

function issueText(file: string | undefined, issue: Issue, lines: readonly string[]): string {
  const { code, severity, message, location, hint } = issueData(issue);
  const place = location === undefined ? '' : `${location.line}:${location.column}:`;
  return [
    `${printable(file ?? '')}:${place} ${severity}: ${printable(message)} [${code}]\n`,
    location === undefined ? '' : markedLine(location, lines),
    hint === undefined ? '' : `${' '.repeat(NUMBER_WIDTH)}   hint: ${printable(hint)}\n`,
  ].join('');
}

function markedLine({ line, column }: Location, lines: readonly string[]): string {
  const { line: shown, caret } = excerpt(lines[line - 1] ?? '', column);
  const number = String(line).padStart(NUMBER_WIDTH);
  return `${number} | ${shown.trimEnd()}\n${' '.repeat(number.length)} | ${caret}\n`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
