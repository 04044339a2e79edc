import type { Issue } from '../errors.ts';
import type { Connection } from '../plan/connection.ts';
import type { InputLimits } from './input.ts';

/** All a run of the command gets from outside, so that tests run it in process. */
export interface Io {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** All of standard input. */
  readonly stdin: (limits: InputLimits) => Promise<Uint8Array>;
  /** Seconds without a byte after which input that is no file counts as dead; default 30. */
  readonly inputTimeout?: number | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The terminal that standard output is; undefined when it is a file or a pipe. */
  readonly terminal?: { readonly columns: number } | undefined;
  /** The terminal that standard error is. */
  readonly errorTerminal?: { readonly columns: number } | undefined;
  /** What relative file names are relative to. */
  readonly cwd: string;
  /** Aborted when the user wants an end (Ctrl-C), from when it is first asked for: until then that ends the program. */
  readonly interruption: () => AbortSignal;
  /** Opens a connection; the URI is undefined when the user gave none. Warnings on the way go to `report`. */
  readonly connect: (
    uri: string | undefined,
    report: (issue: Issue) => void,
    lockTimeout?: number,
  ) => Promise<Connection>;
}
