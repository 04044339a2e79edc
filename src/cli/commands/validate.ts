import { isAbsolute, relative, resolve } from 'node:path';
import type { DocumentReport, SourceText } from '../../engine/sources.ts';
import { validateDocuments } from '../../engine/validate/documents.ts';
import type { Issue, Severity } from '../../errors.ts';
import { mentionsDomain } from '../../engine/validate/source-text.ts';
import type { Arguments, Command, CommandContext } from '../command.ts';
import { readDocuments, unreadableReport } from '../documents.ts';
import { UsageError } from '../failures.ts';
import { sourceName, STANDARD } from '../files.ts';
import type { Io } from '../io.ts';
import * as messages from '../messages.ts';
import { choiceOption, flagOption, jsonOption, listOption, textOption } from '../options.ts';
import { connectionUri } from '../connection-uri.ts';
import { EXIT } from '../exit-codes.ts';
import { codesOf, ruleCodes } from '../rule-codes.ts';
import { githubReport } from '../report/github.ts';
import { jsonReport } from '../report/json.ts';
import { sarifReport } from '../report/sarif.ts';
import { summary, textReport } from '../report/text.ts';

const file = listOption('file', 'XML file, directory of *.xml files, or - for standard input', {
  required: true,
  placeholder: 'FILE',
});
const codeDetails = { placeholder: 'CODE', completion: ruleCodes };
const schema = textOption(
  'schema',
  'ours (default), libvirt (those installed with libvirt), or a RELAX NG file',
  { placeholder: 'SCHEMA' },
);
const format = choiceOption(
  'format',
  ['text', 'json', 'sarif', 'github'],
  'how to print what is found; default text',
);

const exclude = listOption(
  'exclude',
  'of directories, leave out what matches: a pattern as in .gitignore',
  { placeholder: 'GLOB' },
);
const git = flagOption('git', 'of directories, leave out what .gitignore files name');
const only = listOption('only', 'report these rules only', codeDetails);
const ignore = listOption('ignore', 'do not report these rules', codeDetails);
const failOn = choiceOption(
  'fail-on',
  ['warning', 'error'],
  'the least that gives exit code 3; default error',
);
const strict = flagOption('strict', 'the same as --fail-on warning');

export const command: Command = {
  arguments: [file],
  runsNoDriver: true,
  options: [schema, format, exclude, git, only, ignore, failOn, strict, jsonOption],
  description:
    'Checks domains, node devices and profiles of simulated hosts, told apart by their root elements: XML, schema, ' +
    "and every rule of libvirt, QEMU and the vendors about host devices ('virt-nodedev rules' lists them). Domains " +
    'are checked against each other, and with --connect or VIRT_NODEDEV_URI against that host.\n\n' +
    'Of a directory, all *.xml in it and below it whose root element is one of these are checked, but not in dot folders ' +
    'and node_modules. A comment <!-- virt-nodedev: ignore CODE --> in a document is as --ignore for it.\n\n' +
    'Exit code: 1 when a file cannot be read, else 3 when a document is invalid, else 0 (there may be warnings).',
  examples: [
    ['validate desktop.xml', 'a domain on its own'],
    ['-c sysfs:/// validate /etc/libvirt/qemu', 'all domains, against this host and each other'],
    ['validate --format sarif vm/', 'for code scanning'],
  ],

  async run(context) {
    const { args, io, output } = context;
    const form = formOf(args);
    const isReported = reportedCodes(args);
    const severities = failingSeverities(args);
    const { sources, unreadable, others } = await readDocuments(io, args.get(file), {
      exclude: args.get(exclude),
      git: args.get(git),
    });
    const validated = (await validate(context, sources)).map((report) => ({
      ...report,
      issues: report.issues.filter(isReported),
    }));
    const reports = [...validated, ...unreadable.map(unreadableReport)];
    switch (form) {
      case 'json':
        output.answer('validate', jsonReport(reports, others));
        break;
      case 'sarif':
        output.printExactly(sarifReport(belowFolder(io, reports)));
        break;
      case 'github':
        output.printExactly(githubReport(belowFolder(io, reports)));
        break;
      case 'text':
      case undefined:
        output.print(textReport(reports, sources));
        output.tell(summary(reports, sources.length, others));
        if (
          (args.get(schema) ?? 'ours') === 'ours' &&
          sources.some(({ text }) => mentionsDomain(text))
        ) {
          output.tell(messages.domainsCheckedFor);
        }
    }
    if (unreadable.length > 0) return EXIT.failure;
    return reports.some(({ issues }) => issues.some(({ severity }) => severities.has(severity)))
      ? EXIT.invalid
      : 0;
  },
};

/** The form of the report: `--json` is short for one of them. */
function formOf(args: Arguments): 'text' | 'json' | 'sarif' | 'github' | undefined {
  const form = args.get(format);
  if (!args.get(jsonOption)) return form;
  if (form === undefined || form === 'json') return 'json';
  throw new UsageError(messages.exclusive(format.name, jsonOption.name));
}

/** Whether an issue is one of those that are asked for. */
function reportedCodes(args: Arguments): (issue: Issue) => boolean {
  const [wanted, unwanted] = [codesOf(args.get(only)), codesOf(args.get(ignore))];
  return ({ code }) => (wanted.size === 0 || wanted.has(code)) && !unwanted.has(code);
}

function failingSeverities(args: Arguments): ReadonlySet<Severity> {
  const given = args.get(failOn);
  if (args.get(strict) && given !== undefined) {
    throw new UsageError(messages.exclusive(strict.name, failOn.name));
  }
  return new Set(args.get(strict) || given === 'warning' ? ['warning', 'error'] : ['error']);
}

/** Validates, with the rules about the host only when a host is named. */
async function validate(
  { args, io, connect }: CommandContext,
  sources: readonly SourceText[],
): Promise<readonly DocumentReport[]> {
  const given = args.get(schema);
  const isFile = given !== undefined && given !== 'ours' && given !== 'libvirt';
  const options = { schema: isFile ? resolve(io.cwd, given) : given };
  if (connectionUri(args, io) === undefined) return validateDocuments(sources, options);
  return (await connect()).validate(sources, options);
}

/** File names for services: relative to the current directory if they are below it. */
function belowFolder({ cwd }: Io, reports: readonly DocumentReport[]): readonly DocumentReport[] {
  return reports.map(({ file: name, issues }) => {
    if (name === undefined || name === sourceName(STANDARD)) return { file: undefined, issues };
    const below = relative(cwd, resolve(cwd, name));
    const isBelow = !below.startsWith('..') && !isAbsolute(below);
    return { file: isBelow ? below : resolve(cwd, name), issues };
  });
}
