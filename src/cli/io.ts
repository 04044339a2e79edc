import type { Readable, Writable } from 'node:stream';
import type { ConnectOptions } from '../remote/connect.ts';
import type { Connection } from '../plan/connection.ts';
import type { InputLimits } from './input.ts';

/** Everything that a run of the command gets from outside, so that tests can run it in process. */
export interface Io {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** Reads standard input to its end. */
  readonly stdin: (limits: InputLimits) => Promise<Uint8Array>;
  /** Standard input and output as they are, for a protocol; undefined: there are none. */
  readonly streams?: { readonly input: Readable; readonly output: Writable } | undefined;
  /** Seconds without a byte after which reading ends, except for files; default 30. */
  readonly inputTimeout?: number | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The terminal of standard output; undefined for a file or a pipe. */
  readonly terminal?: { readonly columns: number; readonly rows?: number } | undefined;
  /** Shows a long text on that terminal, page by page; undefined: it cannot. */
  readonly page?: ((text: string) => Promise<void>) | undefined;
  /** Tells, as long as a command of this name lasts, that it does; returns what ends that. Undefined: nobody looks. */
  readonly showWaiting?: ((command: string) => () => void) | undefined;
  /** The terminal of standard error. */
  readonly errorTerminal?: { readonly columns: number } | undefined;
  /** The machine's name and the time, for what is read once and looked at later; undefined: it is not said. */
  readonly here?: (() => { readonly on: string; readonly at: string }) | undefined;
  /** The directory for relative file names. */
  readonly cwd: string;
  /** Aborted by Ctrl-C. Before it is first read, Ctrl-C ends the program. */
  readonly interruption: () => AbortSignal;
  /** The words that start this program again; undefined: it cannot be. */
  readonly itself?: readonly string[] | undefined;
  /** Opens a connection; the URI is undefined when the user gave none. */
  readonly connect: (
    uri: string | undefined,
    options: Pick<
      ConnectOptions,
      | 'dryRun'
      | 'report'
      | 'lockTimeout'
      | 'onChange'
      | 'readOnly'
      | 'profileDrivers'
      | 'signal'
      | 'ssh'
    >,
  ) => Promise<Connection>;
}
