import yargs, { type Argv, type Options } from 'yargs';
import type { Command, CommandEntry } from './command.ts';
import { canonicalName } from './command-names.ts';
import { exitCodes, refusalKinds } from './exit-codes.ts';
import { globalOptions, type Option } from './options.ts';

/** The width of help. It is the same on every terminal. */
const WIDTH = 100;
export const PROGRAM = 'virt-nodedev';

/** The overview: a description, the commands and the global options. */
export function overview(commands: readonly CommandEntry[]): Promise<string> {
  const printed = commands.reduce(
    (all, { name, summary }) => (summary === undefined ? all : all.command(name, summary)),
    printer('').usage(`${PROGRAM} [options] <command> [arguments]`),
  );
  const examples = [
    ['sim init /tmp/host --profile nvidia-m60', 'create a simulated host'],
    ['-c sim:///tmp/host create vgpu.xml', 'create a vGPU on it'],
  ] as const;
  const codes = exitCodes.map(([code, meaning]) => `  ${String(code).padStart(2)}  ${meaning}`);
  const kinds = refusalKinds.map(([kind, all]) => `  ${`${kind}:`.padEnd(15)}${all.join(', ')}`);
  const note = `virsh's names do as well: nodedev-list is list. More on a command: ${PROGRAM} COMMAND --help`;
  return getHelp(
    addOptions(printed, globalOptions, 'Options:').epilogue(
      [
        formatExamples(examples),
        ['Exit codes:', ...codes].join('\n'),
        ['Code 1 as JSON, by the code of the error:', ...kinds].join('\n'),
        note,
      ].join('\n\n'),
    ),
  );
}

/** The commands that share their first word: those of `group`. */
export function familyHelp(family: readonly CommandEntry[]): Promise<string> {
  const [word] = family.map(({ name }) => name.split(' ', 1)[0]);
  const printed = family.reduce(
    (all, { name, summary }) => (summary === undefined ? all : all.command(name, summary)),
    printer('').usage(`${PROGRAM} ${word} <command> [arguments]`),
  );
  return getHelp(printed.epilogue(`More on a command: ${PROGRAM} ${word} COMMAND --help`));
}

/** A command's synopsis, arguments, options and examples. */
export function commandHelp(entry: CommandEntry, command: Command): Promise<string> {
  const { arguments: places, options, examples, description } = command;
  const text = [synopsis(entry, command), entry.summary, description].filter(
    (part) => part !== undefined,
  );
  const groups = [
    [places, 'Arguments:'],
    [options, 'Options:'],
    [globalOptions, 'Global options:'],
  ] as const;
  const printed = groups.reduce(
    (all, [each, heading]) => addOptions(all, each, heading),
    printer(PROGRAM).usage(text.join('\n\n')),
  );
  return getHelp(printed.epilogue(formatExamples(examples)));
}

/** A command's line: its name, options and arguments. */
export function synopsis(
  entry: CommandEntry,
  { arguments: places, options }: Pick<Command, 'arguments' | 'options'>,
): string {
  return [
    PROGRAM,
    canonicalName(entry),
    ...options.map((option) => optionSynopsis(option)),
    ...places.map(argumentSynopsis),
  ].join(' ');
}

/** The examples. Columns of yargs would break command lines. */
function formatExamples(examples: Command['examples']): string {
  const lines = examples.map(([line, meaning]) => `  ${PROGRAM} ${line}\n      ${meaning}`);
  return ['Examples:', ...lines].join('\n');
}

function printer(name: string): Argv {
  return yargs([])
    .scriptName(name)
    .detectLocale(false)
    .help(false)
    .version(false)
    .exitProcess(false)
    .wrap(WIDTH);
}

function addOptions(printed: Argv, options: readonly Option<unknown>[], heading: string): Argv {
  return options.reduce(
    (all, option) => all.option(option.name, yargsOption(option, heading)),
    printed,
  );
}

function yargsOption({ aliases = [], summary, takes }: Option<unknown>, group: string): Options {
  const described = { describe: summary, group, alias: aliases };
  return takes === undefined
    ? { ...described, type: 'boolean' }
    : { ...described, type: takes, requiresArg: true };
}

async function getHelp(printed: Argv): Promise<string> {
  return `${await printed.getHelp()}\n`;
}

function optionSynopsis({ required, ...option }: Option<unknown>): string {
  return required === true ? optionForm(option) : `[${optionForm(option)}]`;
}

/** `--cap LIST` */
export function optionForm({
  name,
  takes,
  placeholder,
}: Pick<Option<unknown>, 'name' | 'takes' | 'placeholder'>): string {
  return takes === undefined ? `--${name}` : `--${name} ${placeholder ?? name.toUpperCase()}`;
}

function argumentSynopsis({ name, required, repeats }: Option<unknown>): string {
  const text = `<${name}>${repeats === true ? '...' : ''}`;
  return required === true ? text : `[${text}]`;
}
