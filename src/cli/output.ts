import type { Issue, NodedevError } from '../errors.ts';
import type { Io } from './io.ts';
import { errorLines, issueLines } from './report-error.ts';
import { shown, shownJson, shownLines, shownXml } from './shown.ts';
import { printable } from '../terminal-text.ts';

/** How a command's output looks. */
interface OutputOptions {
  /** Only what was asked for. */
  readonly quiet: boolean;
  readonly json: boolean;
}

/** The one place a command prints through. */
export class Output {
  readonly #io: Io;
  readonly #quiet: boolean;
  readonly #json: boolean;
  #isExact = false;

  constructor(io: Io, { quiet, json }: OutputOptions) {
    this.#io = io;
    this.#quiet = quiet;
    this.#json = json;
  }

  /** What was asked for: lines of our own. */
  print(text: string): void {
    this.#print(shownLines(text));
  }

  /** XML that was asked for. */
  printXml(xml: string): void {
    this.#print(shownXml(xml));
  }

  /** A picture, with colours. */
  printPicture(text: string): void {
    this.#print(text);
  }

  /** What is for a program, to the byte: nothing is added, no empty line at the end either. */
  printExactly(text: string): void {
    this.#isExact = true;
    this.#io.stdout(text);
  }

  /** A sentence of success; `--quiet` and `--json` leave it out. */
  tell(text: string): void {
    if (!this.#quiet && !this.#json) this.print(printable(text));
  }

  /** A report: `value` with `--json`, else the text that is made of it: of one in which every string is printable. */
  report<T>(value: T, text: (value: T) => string): void {
    this.print(this.#json ? shownJson(value) : text(shown(value)));
  }

  /** One of many reports: a line each. As {@link report}. */
  line<T>(value: T, text: (value: T) => string): void {
    this.print(this.#json ? shownJson(value, 0) : text(shown(value)));
  }

  /** Something about the work itself, on standard error; `--quiet` and `--json` leave it out. */
  note(text: string): void {
    if (!this.#quiet && !this.#json) this.#io.stderr(`${printable(text)}\n`);
  }

  /** What stood in the way of a listing but did not stop it; `--json` has it in the report. */
  problems(problems: readonly NodedevError[]): void {
    if (this.#json) return;
    for (const problem of problems) this.warn(problem);
  }

  /** One failure of several, in virsh's two lines; `--json` has it in the report. */
  failure(sentence: string, error: NodedevError): void {
    if (this.#json) return;
    this.#io.stderr([`error: ${printable(sentence)}\n`, ...errorLines(error)].join(''));
  }

  /** Something the engine warns of while it works. */
  readonly warn = (issue: Issue): void => {
    this.#io.stderr(issueLines(issue, 'warning').join(''));
  };

  #print(text: string): void {
    if (text !== '') this.#io.stdout(text.endsWith('\n') ? text : `${text}\n`);
  }

  /** The empty line virsh ends a command with when it is not quiet. */
  end(): void {
    if (!this.#quiet && !this.#json && !this.#isExact) this.#io.stdout('\n');
  }
}
