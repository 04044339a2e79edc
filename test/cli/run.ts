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
}

/** Runs one command line in process. Without `connect`, a connection is a failure. */
export async function run(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const out = { stdout: '', stderr: '' };
  const code = await main(argv, {
    stdout: (text) => {
      out.stdout += text;
    },
    stderr: (text) => {
      out.stderr += text;
    },
    stdin: () => Promise.resolve(Buffer.from(options.stdin ?? '')),
    env: options.env ?? {},
    cwd: options.cwd ?? process.cwd(),
    connect: options.connect ?? (() => Promise.reject(new Error('no connection expected'))),
  });
  return { code, ...out };
}
