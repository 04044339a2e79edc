import yargs, { type Argv, type Options } from 'yargs';
import type { Command } from './command.ts';
import { type CommandEntry, canonicalName, commands } from './commands.ts';
import { globalOptions, type Option } from './options.ts';

/** Help is the same on every terminal. */
const WIDTH = 100;
const PROGRAM = 'virt-nodedev';

/** What the program does, its commands and global options. */
export function overview(): Promise<string> {
  const base = printer()
    .usage(`${PROGRAM} [options] <command> [arguments]`)
    .epilogue(
      `Commands marked with virsh's names answer to both. '${PROGRAM} COMMAND --help' shows a command.`,
    )
    .example(`${PROGRAM} sim init /tmp/host --profile nvidia-m60`, 'create a simulated host')
    .example(`${PROGRAM} -c sim:///tmp/host create vgpu.xml`, 'create a vGPU on it');
  return getHelp(
    addOptions(
      commands.reduce(
        (printed, { name, summary }) =>
          summary === undefined ? printed : printed.command(name, summary),
        base,
      ),
      globalOptions,
      'Options:',
    ),
  );
}

/** A command's synopsis, arguments, options and examples. */
export function commandHelp(entry: CommandEntry, command: Command): Promise<string> {
  const { arguments: places, options, examples, description } = command;
  const synopsis = [
    PROGRAM,
    canonicalName(entry),
    ...options.map((option) => `[${optionSynopsis(option)}]`),
    ...places.map(argumentSynopsis),
  ].join(' ');
  const text = [synopsis, entry.summary, description].filter((part) => part !== undefined);
  const base = printer().usage(text.join('\n\n'));
  const printed = examples.reduce(
    (all, [line, meaning]) => all.example(`${PROGRAM} ${line}`, meaning),
    base,
  );
  return getHelp(
    addOptions(
      addOptions(addOptions(printed, places, 'Arguments:'), options, 'Options:'),
      globalOptions,
      'Global options:',
    ),
  );
}

function printer(): Argv {
  return yargs([])
    .scriptName(PROGRAM)
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

function optionSynopsis({ name, takes, placeholder }: Option<unknown>): string {
  return takes === undefined ? `--${name}` : `--${name} ${placeholder ?? name.toUpperCase()}`;
}

function argumentSynopsis({ name, required, repeats }: Option<unknown>): string {
  const text = `<${name}>${repeats === true ? '...' : ''}`;
  return required === true ? text : `[${text}]`;
}
