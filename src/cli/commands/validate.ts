import { isAbsolute, relative, resolve } from 'node:path';
import type { DocumentReport, SourceText } from '../../engine/types.ts';
import { validateDocuments } from '../../engine/validate/documents.ts';
import type { Command, CommandContext } from '../command.ts';
import { readSources, sourceName, STANDARD } from '../files.ts';
import type { Io } from '../io.ts';
import * as messages from '../messages.ts';
import { choiceOption, listOption, textOption } from '../options.ts';
import { connectionUri } from '../parse.ts';
import { EXIT } from '../exit-codes.ts';
import { githubReport } from '../report/github.ts';
import { isValid, jsonReport } from '../report/json.ts';
import { sarifReport } from '../report/sarif.ts';
import { summary, textReport } from '../report/text.ts';
import { xmlFiles } from '../xml-files.ts';

const file = listOption('file', 'XML file, directory of *.xml files, or - for standard input', {
  required: true,
  placeholder: 'FILE',
});
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

export const command: Command = {
  arguments: [file],
  options: [schema, format],
  description:
    'Checks domains, node devices and profiles of simulated hosts, told apart by their root elements: XML, schema, ' +
    "and every rule of libvirt, QEMU and the vendors about host devices ('virt-nodedev rules' lists them). Domains " +
    'are checked against each other, and with --connect or VIRT_NODEDEV_URI against that host.\n\n' +
    'Exit code: 0 valid (there may be warnings), 3 invalid, 1 when a file cannot be read.',
  examples: [
    ['validate desktop.xml', 'a domain on its own'],
    ['-c sysfs:/// validate /etc/libvirt/qemu', 'all domains, against this host and each other'],
    ['validate --format sarif vm/', 'for code scanning'],
  ],

  async run(context) {
    const { args, io, output } = context;
    const sources = await readSources(io, await xmlFiles(io, args.get(file)));
    const reports = await validate(context, sources);
    switch (args.get(format)) {
      case 'json':
        output.printExactly(jsonReport(reports));
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
        output.tell(summary(reports));
        if ((args.get(schema) ?? 'ours') === 'ours' && sources.some(hasDomain)) {
          output.tell(messages.domainsCheckedFor);
        }
    }
    return isValid(reports) ? 0 : EXIT.invalid;
  },
};

/** Good enough to say what was looked at. */
function hasDomain({ text }: SourceText): boolean {
  return (typeof text === 'string' ? text : new TextDecoder().decode(text)).includes('<domain');
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
