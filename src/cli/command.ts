import type { Issue, NodedevError } from '../errors.ts';
import type { FleetHost } from '../fleet/fleet.ts';
import type { ReachOptions } from '../fleet/reach.ts';
import type { Connection } from '../plan/connection.ts';
import type { ConnectOptions } from '../remote/connect.ts';
import type { Io } from './io.ts';
import type { NextWord, Option } from './options.ts';
import type { Output } from './output.ts';

/** The values of the command line. */
export interface Arguments {
  /** @throws UsageError when the words are no value of this option */
  get<T>(option: Option<T>): T;
}

/** The arguments, the output and the connection of a command. */
export interface CommandContext {
  readonly args: Arguments;
  readonly io: Io;
  readonly output: Output;
  /** All commands there are. */
  readonly commands: readonly CommandEntry[];
  /**
   * The connection. It is opened by the first call, and closed after the command. Warnings go to `report` of the first call,
   * by default to standard error.
   */
  readonly connect: (
    report?: (issue: Issue) => void,
    options?: Pick<ConnectOptions, 'overruleScripts'>,
  ) => Promise<Connection>;
}

/** What a command on many hosts works with. */
export interface FleetContext extends Omit<CommandContext, 'connect'> {
  /** Whether the answer is JSON. */
  readonly isJson: boolean;
  /** Those that were chosen. */
  readonly hosts: readonly FleetHost[];
  /** Connects to a host; what is told meanwhile goes to its output. */
  readonly connectTo: (host: FleetHost, output: Output, signal: AbortSignal) => Promise<Connection>;
  /** How hosts are asked; a progress bar is on standard error meanwhile. */
  readonly reaching: (
    connect: ReachOptions['connect'],
    deadline?: number,
  ) => { readonly options: ReachOptions; readonly end: () => void };
}

/** An entry of the table of commands: enough for the overview, without loading the command. */
export interface CommandEntry {
  /** Without prefix: `list`, `group show`. */
  readonly name: string;
  /** Whether it is one of virsh's commands, which also have the name `nodedev-…`. */
  readonly virsh: boolean;
  /** Undefined for a command for programs, which is not in the overview. */
  readonly summary?: string;
  readonly load: () => Promise<{ readonly command: Command }>;
}

/** A subcommand. Each is a module in `commands/`, loaded when it is needed. */
export interface Command {
  /** Positional arguments in order. Each can also be given by name, as in virsh (`--device mdev_…`). */
  readonly arguments: readonly Option<unknown>[];
  readonly options: readonly Option<unknown>[];
  /** Changes a host, or files: its answers say with `changed` whether it did. */
  readonly changes?: true;
  /** A longer text than the summary in the table of commands. */
  readonly description?: string;
  /** Pairs of a command line, without the program's name, and its description. At least one. */
  readonly examples: readonly (readonly [line: string, meaning: string])[];
  /** Whether the drivers that a simulated host brings are never run for it. */
  readonly runsNoDriver?: true;
  /** The first line of a failure, before its reason. */
  failure?(args: Arguments, error: NodedevError): string | undefined;
  /** All words after its name are its argument's, whatever they look like: they are in another program's grammar. */
  readonly passesWords?: true;
  /** What follows some of them, for completion. */
  readonly nextWord?: (words: readonly string[], current: string) => NextWord;
  /** Prints what happens while it happens, or lets others print: never through a pager. */
  readonly follows?: true;
  /** Set for a command that never changes anything, and does not even recover. */
  readonly readOnly?: true;
  /** Runs the command on many hosts. Absent: it is run on each by itself, where it has `--fleet`. */
  fleet?(context: FleetContext): Promise<number>;
  /** Runs the command. Returns its exit code; no value means 0. */
  run(context: CommandContext): Promise<number> | Promise<void>;
}
