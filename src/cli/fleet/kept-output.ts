import type { Io } from '../io.ts';
import { Output } from '../output.ts';

/** An output that is kept, and what was printed to it. */
export function keptOutput(
  io: Io,
  form: ConstructorParameters<typeof Output>[1],
): {
  readonly io: Io;
  readonly output: Output;
  readonly printed: { stdout: string; stderr: string };
} {
  const printed = { stdout: '', stderr: '' };
  const kept: Io = {
    ...io,
    stdout: (text) => {
      printed.stdout += text;
    },
    stderr: (text) => {
      printed.stderr += text;
    },
    errorTerminal: undefined,
  };
  return { io: kept, output: new Output(kept, form), printed };
}
