import type { Connection } from '../plan/connection.ts';
import { NodedevError } from '../errors.ts';
import type { ConnectOptions } from '../remote/connect.ts';
import type { Arguments, Command, CommandContext, CommandEntry } from './command.ts';
import { commands } from './commands.ts';
import { UsageError } from './failures.ts';
import { fleetOption, hostOption } from './fleet/options.ts';
import type { Io } from './io.ts';
import * as messages from './messages.ts';
import {
  allowDriverOption,
  dryRunOption,
  helpOption,
  inputTimeoutOption,
  jsonOption,
  lockTimeoutOption,
  longVersionOption,
  quietOption,
  readonlyOption,
  versionOption,
} from './options.ts';
import { Output } from './output.ts';
import { chooseCommand, familyOf, ParsedArguments, parseGlobals, splitLine } from './parse.ts';
import { reportError } from './report-error.ts';

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
export async function main(argv: readonly string[], io: Io): Promise<number> {
  let invocation: Invocation | undefined;
  try {
    const { globals, words } = splitLine(argv);
    const before = parseGlobals(globals);
    const wantsVersion = before.get(versionOption) || before.get(longVersionOption);
    if (words.length === 0 || wantsVersion) return await runGlobal(before, io);
    const family = familyAlone(words);
    if (family.length > 0) return await printFamily(family, io);
    const { entry, rest } = chooseCommand(commands, words);
    const { command } = await entry.load();
    const args = new ParsedArguments(entry, command, [...globals, ...rest]);
    const json = command.options.includes(jsonOption) && args.get(jsonOption);
    const quiet = args.get(quietOption);
    const output = new Output(io, {
      quiet,
      json,
      changes: command.changes,
      dryRun: args.get(dryRunOption),
    });
    invocation = { command, args, output, json };
    if (args.get(versionOption)) return await printVersion(output);
    if (args.get(longVersionOption)) return await printVersion(output, true);
    if (args.get(helpOption)) {
      const { commandHelp } = await import('./help.ts');
      output.print(await commandHelp(entry, command, io));
      return 0;
    }
    args.check();
    return await run(invocation, io);
  } catch (error) {
    const warnings = invocation?.json === true ? invocation.output.takeWarnings() : [];
    if (!(error instanceof UsageError)) invocation?.output.end();
    return reportError(error, io, {
      warnings,
      json: invocation?.json ?? asksForJson(argv),
      sentence: invocation && failureSentence(invocation, error),
    });
  }
}

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
    lockTimeout: args.get(lockTimeoutOption),
    readOnly: command.readOnly === true || args.get(readonlyOption),
    profileDrivers: driversFor(command, args),
    ssh: io.env['VIRT_NODEDEV_SSH'] || undefined,
  });
  if (args.get(fleetOption) !== undefined || args.get(hostOption).length > 0) {
    const { runOnFleet } = await import('./fleet/fleet-run.ts');
    const code = await runOnFleet(command, around, (host, to) =>
      io.connect(host.uri, optionsFor(to)),
    );
    output.end();
    return code;
  }
  const context: CommandContext = {
    ...around,
    connect: (report) => (connection ??= openConnection(args, io, optionsFor(output, report))),
  };
  try {
    const code = await command.run(context);
    output.end();
    return code ?? 0;
  } finally {
    if (connection !== undefined) await (await connection).close();
  }
}

function driversFor({ runsNoDriver }: Command, args: Arguments): ConnectOptions['profileDrivers'] {
  if (runsNoDriver === true) return 'none';
  return args.get(allowDriverOption) ? 'all' : 'trusted';
}

async function openConnection(
  args: Arguments,
  io: Io,
  options: Parameters<Io['connect']>[1],
): Promise<Connection> {
  const { connectionUri } = await import('./connection-uri.ts');
  return io.connect(connectionUri(args, io), options);
}

/** A command line without a command: `--version`, `--help`, or a mistake. */
async function runGlobal(options: Arguments, io: Io): Promise<number> {
  const output = new Output(io, { quiet: false, json: false });
  if (options.get(longVersionOption)) return printVersion(output, true);
  if (options.get(versionOption)) return printVersion(output);
  if (!options.get(helpOption)) {
    throw new UsageError(messages.missingCommand, messages.seeHelp());
  }
  const { overview } = await import('./help.ts');
  output.print(await overview(commands, io));
  return 0;
}

/** The commands of the word `group`, when nothing else is said but, perhaps, that help is wanted. */
function familyAlone([word = '', ...rest]: readonly string[]): readonly CommandEntry[] {
  const isAlone = rest.every((other) => ['-h', '--help'].includes(other));
  return isAlone ? familyOf(commands, word) : [];
}

async function printFamily(family: readonly CommandEntry[], io: Io): Promise<number> {
  const { familyHelp } = await import('./help.ts');
  new Output(io, { quiet: false, json: false }).print(await familyHelp(family, io));
  return 0;
}

async function printVersion(output: Output, long = false): Promise<number> {
  const { longVersion, version } = await import('./version.ts');
  output.print(long ? await longVersion() : version());
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
