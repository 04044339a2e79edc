import type { Issue, NodedevError } from '../errors.ts';
import { type AnswerName, type Answers, envelopeOf } from './answers.ts';
import type { Io } from './io.ts';
import * as messages from './messages.ts';
import { errorLines, issueData, issueLines } from './report-error.ts';
import { isLong, tableRoom } from './terminal.ts';
import type { TableRoom } from './table.ts';
import { shown, shownJson, shownLines, shownXml } from './shown.ts';
import { printable } from '../terminal-text.ts';

/** The form of a command's output. */
interface OutputOptions {
  /** Print results only. */
  readonly quiet: boolean;
  readonly json: boolean;
  /** The command changes something: its answers say whether it has. */
  readonly changes?: boolean | undefined;
  /** Nothing is changed: what is told is what would be. */
  readonly dryRun?: boolean | undefined;
  /** Nothing is shortened in tables. */
  readonly wide?: boolean | undefined;
  /** Output longer than the terminal is shown page by page, at the end. */
  readonly paged?: boolean | undefined;
}

/** Commands print through this class only. */
export class Output {
  readonly #io: Io;
  readonly #quiet: boolean;
  /** Whether answers are JSON. */
  readonly json: boolean;
  readonly #dryRun: true | undefined;
  readonly #room: TableRoom | undefined;
  /** What will be shown page by page; undefined: all is printed at once. */
  readonly #held: string[] | undefined;
  #isExact = false;
  #changed: boolean | undefined;
  /** What was told and stands in no answer yet. */
  readonly #warnings: Issue[] = [];

  constructor(io: Io, { quiet, json, changes, dryRun, wide, paged }: OutputOptions) {
    this.#io = io;
    this.#quiet = quiet;
    this.json = json;
    this.#dryRun = dryRun === true ? true : undefined;
    this.#changed = changes === true ? false : undefined;
    this.#room = wide === true ? undefined : tableRoom(io);
    this.#held =
      paged === true && io.terminal !== undefined && io.page !== undefined ? [] : undefined;
  }

  /** Something was changed. */
  readonly noteChange = (): void => {
    this.#changed = true;
  };

  /** Prints results: lines of our own. */
  print(text: string): void {
    this.#print(shownLines(text));
  }

  /** Prints XML. */
  printXml(xml: string): void {
    this.#print(shownXml(xml));
  }

  /** Prints a picture, with colours. */
  printPicture(text: string): void {
    this.#print(text);
  }

  /** Prints exactly this text, for a program: without an empty line at the end. */
  printExactly(text: string): void {
    this.#isExact = true;
    this.#write(text);
  }

  /** Prints a sentence of success, except with `--quiet` and `--json`. */
  tell(text: string): void {
    if (!this.#quiet && !this.json)
      this.print(printable(this.#dryRun === true ? messages.dryRun(text) : text));
  }

  /** Prints an answer: with `--json` as it is, else the text that is made of it when all its strings are printable. */
  report<Name extends AnswerName, Value extends Answers[Name]>(
    name: Name,
    value: Value,
    text: (value: Value, room: TableRoom | undefined) => string = () => '',
  ): void {
    if (this.json) this.answer(name, value);
    else this.print(text(shown(value), this.#room));
  }

  /** Prints one of many answers, each on one line. As {@link report}. */
  line<Name extends AnswerName, Value extends Answers[Name]>(
    name: Name,
    value: Value,
    text: (value: Value) => string,
  ): void {
    if (this.json) this.answer(name, value, 0);
    else this.print(text(shown(value)));
  }

  /** Prints an answer as JSON. */
  answer<Name extends AnswerName>(name: Name, value: Answers[Name], indent = 2): void {
    this.#isExact = true;
    const around = {
      changed: this.#changed,
      dryRun: this.#dryRun,
      warnings: this.takeWarnings().map(issueData),
    };
    this.print(shownJson(envelopeOf(name, value, around), indent));
  }

  /** What was told so far, and stands in no answer. */
  takeWarnings(): readonly Issue[] {
    return this.#warnings.splice(0);
  }

  /** Prints a note to standard error, except with `--quiet` and `--json`. */
  note(text: string): void {
    if (!this.#quiet && !this.json) this.#io.stderr(`${printable(text)}\n`);
  }

  /** Prints a problem that did not stop a list. With `--json` it is in the report. */
  problems(problems: readonly NodedevError[]): void {
    if (this.json) return;
    // What a file does not say may be missed by several readings.
    for (const problem of new Map(problems.map((one) => [one.message, one])).values()) {
      this.warn(problem);
    }
  }

  /** Prints one failure of several, in virsh's two lines. With `--json` it is in the report. */
  failure(sentence: string, error: NodedevError): void {
    if (this.json) return;
    this.#io.stderr([`error: ${printable(sentence)}\n`, ...errorLines(error)].join(''));
  }

  /** Prints a warning or a notice of the engine. With `--json` it is in the answer. */
  readonly warn = (issue: Issue): void => {
    if (this.json) this.#warnings.push(issue);
    else this.#printWarning(issue);
  };

  #printWarning(issue: Issue): void {
    const severity = issue.severity === 'notice' ? 'notice' : 'warning';
    this.#io.stderr(issueLines(issue, severity).join(''));
  }

  #print(text: string): void {
    if (text !== '') this.#write(text.endsWith('\n') ? text : `${text}\n`);
  }

  /** Prints the empty line at the end of a command, like virsh, except with `--quiet`. */
  end(): void {
    for (const issue of this.takeWarnings()) this.#printWarning(issue);
    if (!this.#quiet && !this.json && !this.#isExact) this.#write('\n');
  }

  #write(text: string): void {
    if (this.#held === undefined) this.#io.stdout(text);
    else this.#held.push(text);
  }

  /** Shows what was held back, through a pager when it is longer than the terminal. */
  async flush(): Promise<void> {
    const text = this.#held?.splice(0).join('') ?? '';
    const { terminal, page, stdout } = this.#io;
    if (text === '') return;
    if (page !== undefined && terminal !== undefined && isLong(text, terminal)) await page(text);
    else stdout(text);
  }
}
