import type { DocumentReport } from '../../engine/sources.ts';
import type { Answers } from '../answers.ts';
import { issueData } from '../report-error.ts';

/** True when no document has an error; warnings do not count, as with virt-xml-validate. */
function isValid(reports: readonly DocumentReport[]): boolean {
  return reports.every(({ issues }) => issues.every(({ severity }) => severity !== 'error'));
}

/** The issues with their stable fields, document by document; `skipped`: other XML files of directories. */
export function jsonReport(
  reports: readonly DocumentReport[],
  skipped: number,
): Answers['validate'] {
  const documents = reports.map((report) => ({
    file: report.file,
    valid: isValid([report]),
    issues: report.issues.map(issueData),
  }));
  return { valid: isValid(reports), documents, skipped };
}
