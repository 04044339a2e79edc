import type { Form, MdevctlOption } from './grammar.ts';

const PROGRAM = 'virt-nodedev mdevctl';

/** The overview of the subcommands. */
export function overview(forms: readonly Form[]): string {
  const rows = forms.flatMap(({ name, summary }) =>
    summary === undefined ? [] : [[name, summary] as const],
  );
  return [
    'Do what mdevctl does, on any host that virt-nodedev works on',
    '',
    `Usage: ${PROGRAM} <COMMAND>`,
    '',
    'Commands:',
    ...columns(rows),
    '',
    `More on a command: ${PROGRAM} COMMAND --help`,
    '',
  ].join('\n');
}

/** A subcommand's usage and options. */
export function subcommandHelp({ name, summary, argument, options }: Form): string {
  return [
    ...(summary === undefined ? [] : [summary, '']),
    `Usage: ${PROGRAM} ${name} [OPTIONS]${argument === undefined ? '' : ` <${argument}>`}`,
    '',
    'Options:',
    ...columns(options.map((option) => [written(option), option.summary])),
    '',
  ].join('\n');
}

const VALUES = { text: 'TEXT', uuid: 'UUID', index: 'NUMBER' } as const;

function written({ name, letter, takes }: MdevctlOption): string {
  const short = letter === undefined ? '    ' : `-${letter}, `;
  return `${short}--${name}${takes === undefined ? '' : ` <${VALUES[takes]}>`}`;
}

function columns(rows: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(...rows.map(([first]) => first.length));
  return rows.map(([first, second]) => `  ${first.padEnd(width)}  ${second}`);
}
