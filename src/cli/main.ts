import type { Connection } from '../plan/connection.ts';
import { NodedevError } from '../errors.ts';
import type { Arguments, Command, CommandContext, CommandEntry } from './command.ts';
import { commands } from './commands.ts';
import { UsageError } from './failures.ts';
import { fleetOption, hostOption } from './fleet/options.ts';
import type * as Help from './help.ts';
import type { Io } from './io.ts';
import * as messages from './messages.ts';
import {
  dryRunOption,
  helpOption,
  inputTimeoutOption,
  jsonOption,
  longVersionOption,
  quietOption,
  noPagerOption,
  versionOption,
  wideOption,
} from './options.ts';
import { Output } from './output.ts';
import { chooseCommand, familyOf, ParsedArguments, parseGlobals, splitLine } from './parse.ts';
import { reportError } from './report-error.ts';
import { Waiting } from './waiting.ts';

/** A parsed command line, as far as it could be parsed: what is needed to report an error. */
interface Invocation {
  readonly command: Command;
  readonly args: ParsedArguments;
  readonly output: Output;
  readonly json: boolean;
}

/**
 * Runs one command line (without the program's name) and returns its exit code: 0; 1 refused by the host or the input;
 * 2 wrong command line; 70 defect; and a command's own codes, which are in its help. Only here all errors are caught.
 */
export async function main(argv: readonly string[], given: Io): Promise<number> {
  const waiting = new Waiting(given);
  const { io } = waiting;
  let invocation: Invocation | undefined;
  try {
    const { globals, words } = splitLine(argv);
    const before = parseGlobals(globals);
    const wantsVersion = before.get(versionOption) || before.get(longVersionOption);
    if (words.length === 0 || wantsVersion) return await runGlobal(before, io);
    const family = familyAlone(words);
    if (family.length > 0) {
      const output = new Output(io, {
        quiet: false,
        json: before.get(jsonOption) || asksForJson(argv),
        paged: !before.get(noPagerOption),
      });
      return await printHelp(output, family, async ({ familyHelp }) => familyHelp(family, io));
    }
    const { entry, rest } = chooseCommand(commands, words);
    const { command } = await entry.load();
    const args = new ParsedArguments(entry, command, [...globals, ...passed(command, rest)]);
    const json = command.options.includes(jsonOption) && args.get(jsonOption);
    const quiet = args.get(quietOption);
    const output = new Output(io, {
      quiet,
      json,
      changes: command.changes,
      dryRun: args.get(dryRunOption),
      wide: args.get(wideOption),
      paged: (args.get(helpOption) || isShort(command)) && !args.get(noPagerOption),
    });
    invocation = { command, args, output, json };
    if (args.get(versionOption)) return await printVersion(output);
    if (args.get(longVersionOption)) return await printVersion(output, true);
    if (args.get(helpOption)) {
      return await printHelp(output, [entry], async ({ commandHelp }) =>
        commandHelp(entry, command, io),
      );
    }
    args.check();
    if (command.follows !== true) waiting.begin(`virt-nodedev ${entry.name}`);
    const code = await run(invocation, io);
    await output.flush();
    return code;
  } catch (error) {
    const warnings = invocation?.json === true ? invocation.output.takeWarnings() : [];
    if (!(error instanceof UsageError)) invocation?.output.end();
    await invocation?.output.flush();
    return reportError(error, io, {
      warnings,
      json: invocation?.json ?? asksForJson(argv),
      sentence: invocation && failureSentence(invocation, error),
    });
  } finally {
    waiting.end();
  }
}

/** The words after a command's name, as its own or as another program's. */
function passed({ passesWords }: Command, rest: readonly string[]): readonly string[] {
  return passesWords === true ? ['--', ...rest] : rest;
}

/** Whether a command only shows something, and ends by itself. */
const isShort = ({ follows, changes }: Command): boolean => follows !== true && changes !== true;

/** Whether a command line that could not be parsed asks for JSON. */
function asksForJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return (end === -1 ? argv : argv.slice(0, end)).includes('--json');
}

/** Runs the command, and closes its connection even after an error. */
async function run({ command, args, output }: Invocation, io: Io): Promise<number> {
  let connection: Promise<Connection> | undefined;
  const around = {
    args,
    commands,
    io: { ...io, inputTimeout: args.get(inputTimeoutOption) },
    output,
  };
  const optionsFor = (
    { warn, noteChange }: Output,
    report = warn,
  ): Parameters<Io['connect']>[1] => ({
    report,
    onChange: noteChange,
    dryRun: args.get(dryRunOption),
    ...(command.readOnly === true && { readOnly: true }),
    ...(command.runsNoDriver === true && { profileDrivers: 'none' }),
  });
  if (
    command.options.includes(fleetOption) &&
    (args.get(fleetOption) !== undefined || args.get(hostOption).length > 0)
  ) {
    const { runOnFleet } = await import('./fleet/fleet-run.ts');
    const { connectionOptions } = await import('./connection-uri.ts');
    const code = await runOnFleet(command, around, (host, to) =>
      io.connect(host.uri, { ...connectionOptions(args, io), ...optionsFor(to) }),
    );
    output.end();
    return code;
  }
  const context: CommandContext = {
    ...around,
    connect: (report, more) =>
      (connection ??= openConnection(args, io, { ...optionsFor(output, report), ...more })),
  };
  try {
    const code = await command.run(context);
    output.end();
    return code ?? 0;
  } finally {
    if (connection !== undefined) await (await connection).close();
  }
}

async function openConnection(
  args: Arguments,
  io: Io,
  options: Parameters<Io['connect']>[1],
): Promise<Connection> {
  const { connectionOptions, connectionUri } = await import('./connection-uri.ts');
  return io.connect(connectionUri(args, io), { ...connectionOptions(args, io), ...options });
}

/** A command line without a command: `--version`, `--help`, or a mistake. */
async function runGlobal(options: Arguments, io: Io): Promise<number> {
  const paged = !options.get(noPagerOption);
  const output = new Output(io, { quiet: false, json: options.get(jsonOption), paged });
  if (options.get(longVersionOption)) return printVersion(output, true);
  if (options.get(versionOption)) return printVersion(output);
  if (!options.get(helpOption)) {
    throw new UsageError(messages.missingCommand, messages.seeHelp());
  }
  return printHelp(output, commands, async ({ overview }) => overview(commands, io));
}

/** The commands of the word `group`, when nothing else is said but, perhaps, that help is wanted. */
function familyAlone([word = '', ...rest]: readonly string[]): readonly CommandEntry[] {
  const isAlone = rest.every((other) => ['-h', '--help', '--json'].includes(other));
  return isAlone ? familyOf(commands, word) : [];
}

/** Prints help for people, or that of these commands for programs. */
async function printHelp(
  output: Output,
  entries: readonly CommandEntry[],
  text: (help: typeof Help) => Promise<string>,
): Promise<number> {
  if (output.json) {
    const { helpAnswer } = await import('./help-answer.ts');
    output.answer('help', await helpAnswer(entries));
  } else output.print(await text(await import('./help.ts')));
  await output.flush();
  return 0;
}

async function printVersion(output: Output, long = false): Promise<number> {
  const { longVersion, version, versionFacts } = await import('./version.ts');
  if (output.json) output.answer('version', await versionFacts());
  else output.print(long ? longVersion(await versionFacts()) : version());
  await output.flush();
  return 0;
}

/** The errors before there is a connection. */
const CONNECTING: ReadonlySet<string> = new Set([
  'uri-invalid',
  'host-not-found',
  'ssh-failed',
  'protocol-mismatch',
]);

function failureSentence({ command, args }: Invocation, error: unknown): string | undefined {
  if (!(error instanceof NodedevError)) return undefined;
  if (CONNECTING.has(error.code)) {
    return messages.connectFailed;
  }
  return command.failure?.(args, error);
}
