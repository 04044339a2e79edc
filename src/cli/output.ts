import type { NodedevError } from '../index.ts';
import type { Io } from './io.ts';
import { issueLines } from './report-error.ts';

/** How a command's output looks. */
interface OutputOptions {
  /** Only what was asked for. */
  readonly quiet: boolean;
  readonly json: boolean;
  /** For a program, to the byte. */
  readonly verbatim: boolean;
}

/** The one place a command prints through. */
export class Output {
  readonly #io: Io;
  readonly #quiet: boolean;
  readonly #json: boolean;
  readonly #verbatim: boolean;

  constructor(io: Io, { quiet, json, verbatim }: OutputOptions) {
    this.#io = io;
    this.#quiet = quiet;
    this.#json = json;
    this.#verbatim = verbatim;
  }

  /** What was asked for. */
  print(text: string): void {
    if (text !== '') this.#io.stdout(text.endsWith('\n') ? text : `${text}\n`);
  }

  /** A sentence of success; `--quiet` and `--json` leave it out. */
  tell(text: string): void {
    if (!this.#quiet && !this.#json) this.print(text);
  }

  /** A report: `value` with `--json`, else the text. */
  report(value: unknown, text: () => string): void {
    this.print(this.#json ? `${JSON.stringify(value, undefined, 2)}\n` : text());
  }

  /** What stood in the way of a listing but did not stop it; `--json` has it in the report. */
  problems(problems: readonly NodedevError[]): void {
    if (this.#json) return;
    this.#io.stderr(problems.flatMap((problem) => issueLines(problem, 'warning')).join(''));
  }

  /** The empty line virsh ends a command with when it is not quiet. */
  end(): void {
    if (!this.#quiet && !this.#json && !this.#verbatim) this.#io.stdout('\n');
  }
}
