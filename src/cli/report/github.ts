import { shownLines } from '../shown.ts';
import type { DocumentReport } from '../../engine/sources.ts';
import type { Issue } from '../../errors.ts';
import { issueData } from '../report-error.ts';

/**
 * Workflow commands of GitHub Actions, which show each issue at its line.
 * (https://docs.github.com/actions/reference/workflow-commands-for-github-actions)
 */
export function githubReport(reports: readonly DocumentReport[]): string {
  return reports
    .flatMap(({ file, issues }) => issues.map((issue) => `${annotation(file, issue)}\n`))
    .join('');
}

function annotation(file: string | undefined, issue: Issue): string {
  const { code, severity, message, location, hint } = issueData(issue);
  const properties = { file, line: location?.line, col: location?.column, title: code };
  const written = Object.entries(properties)
    .flatMap(([name, value]) =>
      value === undefined ? [] : `${name}=${escapeProperty(String(value))}`,
    )
    .join(',');
  const text = hint === undefined ? message : `${message}\n${hint}`;
  return `::${severity} ${written}::${escapeData(text)}`;
}

/** As the runner's own toolkit does: what would end the command or a property is percent-encoded. */
function escapeData(text: string): string {
  return shownLines(text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A'));
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
