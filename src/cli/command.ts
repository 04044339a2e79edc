import type { Issue, NodedevError } from '../errors.ts';
import type { Connection } from '../plan/connection.ts';
import type { Io } from './io.ts';
import type { Option } from './options.ts';
import type { Output } from './output.ts';

/** The command line's values. */
export interface Arguments {
  /** @throws UsageError when the words given are no value of this option */
  get<T>(option: Option<T>): T;
}

/** What a command works with. */
export interface CommandContext {
  readonly args: Arguments;
  readonly io: Io;
  readonly output: Output;
  /** All commands there are. */
  readonly commands: readonly CommandEntry[];
  /**
   * The connection, opened when first asked for; closed after the command. What the engine warns of goes to `report`
   * of the first call, by default to standard error.
   */
  readonly connect: (report?: (issue: Issue) => void) => Promise<Connection>;
}

/** A subcommand's place in the table: enough for the overview, without loading it. */
export interface CommandEntry {
  /** Without prefix: `list`, `group show`. */
  readonly name: string;
  /** True for virsh's own, which answer to `nodedev-list` too. */
  readonly virsh: boolean;
  /** Undefined for a command that is for programs, which the overview leaves out. */
  readonly summary?: string;
  readonly load: () => Promise<{ readonly command: Command }>;
}

/** One subcommand: each is a module in `commands/`, loaded when asked for. */
export interface Command {
  /** By place, in order. Each can be given by name as well, as in virsh (`--device mdev_…`). */
  readonly arguments: readonly Option<unknown>[];
  readonly options: readonly Option<unknown>[];
  /** More than the summary in the table of commands, when there is more to say. */
  readonly description?: string;
  /** Pairs of a command line without the program's name, and what it does. At least one. */
  readonly examples: readonly (readonly [line: string, meaning: string])[];
  /** The sentence printed before the reason of a failure. */
  failure?(args: Arguments, error: NodedevError): string | undefined;
  /** The exit code, 0 when it is nothing. */
  run(context: CommandContext): Promise<number> | Promise<void>;
}
