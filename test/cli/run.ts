import type { Io } from '../../src/cli/io.ts';
import { main } from '../../src/cli/main.ts';

/** What a run of the command left behind. */
export interface RunResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly stdin?: string | Uint8Array;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly connect?: Io['connect'];
  readonly interruption?: AbortSignal;
  /** The terminal that standard output is. */
  readonly terminal?: Io['terminal'];
  /** The terminal that standard error is. */
  readonly errorTerminal?: Io['errorTerminal'];
  readonly page?: Io['page'];
  readonly showWaiting?: Io['showWaiting'];
  /** Called with what has come on standard output so far, whenever there is more. */
  readonly onOutput?: (stdout: string) => void;
}

/** Runs one command line in process. Without `connect`, a connection is a failure. */
export async function run(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const out = { stdout: '', stderr: '' };
  const code = await main(argv, {
    stdout: (text) => {
      out.stdout += text;
      options.onOutput?.(out.stdout);
    },
    stderr: (text) => {
      out.stderr += text;
    },
    stdin: () => Promise.resolve(Buffer.from(options.stdin ?? '')),
    env: options.env ?? {},
    cwd: options.cwd ?? process.cwd(),
    terminal: options.terminal,
    errorTerminal: options.errorTerminal,
    page: options.page,
    showWaiting: options.showWaiting,
    interruption: () => options.interruption ?? new AbortController().signal,
    connect: options.connect ?? (() => Promise.reject(new Error('no connection expected'))),
  });
  return { code, ...out };
}
