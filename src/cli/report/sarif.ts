import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { DocumentReport } from '../../engine/sources.ts';
import type { Issue } from '../../errors.ts';
import { type ValidationRule, validationRules } from '../../engine/validate/rules.ts';
import { shownJson } from '../shown.ts';
import { version } from '../version.ts';
import { issueData } from '../report-error.ts';

const SCHEMA =
  'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

/** SARIF 2.1.0 (OASIS), which code scanning services and editors read. File names below `cwd` are made relative. */
export function sarifReport(reports: readonly DocumentReport[]): string {
  const indexes = new Map(validationRules.map(({ code }, index) => [code, index]));
  const results = reports.flatMap(({ file, issues }) =>
    issues.map((issue) => result(issue, file, indexes.get(issue.code))),
  );
  const driver = { name: 'virt-nodedev', version: version(), rules: validationRules.map(rule) };
  const run = { tool: { driver }, columnKind: 'utf16CodeUnits', results };
  return `${shownJson({ $schema: SCHEMA, version: '2.1.0', runs: [run] })}\n`;
}

/** The SARIF levels have the names of our severities. */
function rule({ code, severity, summary, source }: ValidationRule): object {
  return {
    id: code,
    shortDescription: { text: summary },
    help: { text: `${summary}\n\nSource: ${source}` },
    defaultConfiguration: { level: severity },
  };
}

function result(issue: Issue, file: string | undefined, ruleIndex: number | undefined): object {
  const { code, severity, message, location, hint } = issueData(issue);
  const artifactLocation = { uri: uriOf(file ?? 'stdin') };
  const region = location && { startLine: location.line, startColumn: location.column };
  return {
    ruleId: code,
    ruleIndex,
    level: severity,
    message: { text: hint === undefined ? message : `${message}\n${hint}` },
    locations: [{ physicalLocation: { artifactLocation, region } }],
  };
}

/** A relative reference (RFC 3986) for a relative name, a file: URI for an absolute one. */
function uriOf(file: string): string {
  if (isAbsolute(file)) return pathToFileURL(file).href;
  return file.split('/').map(encodeURIComponent).join('/');
}
