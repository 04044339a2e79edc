import type { DocumentReport } from '../../engine/types.ts';
import { shownJson } from '../shown.ts';
import { issueData } from '../report-error.ts';

/** True when no document has an error; warnings do not count, as with virt-xml-validate. */
export function isValid(reports: readonly DocumentReport[]): boolean {
  return reports.every(({ issues }) => issues.every(({ severity }) => severity !== 'error'));
}

/** The issues with their stable fields, document by document. */
export function jsonReport(reports: readonly DocumentReport[]): string {
  const documents = reports.map((report) => ({
    file: report.file,
    valid: isValid([report]),
    issues: report.issues.map(issueData),
  }));
  return `${shownJson({ valid: isValid(reports), documents })}\n`;
}
