import { uuidOfFileName } from '../../engine/definitions/definitions.ts';
import { UsageError } from '../failures.ts';
import * as messages from './messages.ts';

/**
 * The grammar of mdevctl's command line, which is clap's (version 4), not this program's: `-dv`, `-pPARENT`, `-p=PARENT`,
 * `--parent=PARENT`; no option twice; a value that begins with `-` only behind `=`. Facts: mdevctl(8), and what mdevctl 1.4.0
 * answers (test/libvirt/mdevctl.oracle.ts).
 */
export interface MdevctlOption {
  readonly name: string;
  readonly letter?: string;
  readonly summary: string;
  /** What follows it; undefined for a flag. */
  readonly takes?: 'text' | 'uuid' | 'index';
}

/** How a subcommand is written. */
export interface Form {
  readonly name: string;
  /** Undefined for one that is not in the overview. */
  readonly summary?: string;
  readonly options: readonly MdevctlOption[];
  /** The name of its one word without an option. */
  readonly argument?: string;
  /** Of these groups, one option at least must be given. */
  readonly required?: readonly (readonly string[])[];
  /** Pairs of options of which only one may be given. */
  readonly exclusive?: readonly (readonly [string, string])[];
  /** Each needs the other one. */
  readonly needs?: readonly (readonly [string, string])[];
}

/** What is written behind a subcommand. */
export type Given = ReadonlyMap<string, string>;

/** A command line that was read, or what it asks for instead. */
export type Read = { readonly given: Given } | { readonly asks: 'help' | 'version' };

/** @throws UsageError where clap refuses it, too */
export function readWords(form: Form, words: readonly string[]): Read {
  const given = new Map<string, string>();
  const left = [...words];
  const put = (option: MdevctlOption, value: string): void => {
    if (given.has(option.name)) throw usage(form, messages.severalTimes(option.name));
    given.set(option.name, value);
  };
  /** @param attached what stands behind the option in the same word */
  const take = (option: MdevctlOption, attached: string | undefined): void => {
    if (option.takes === undefined) {
      if (attached !== undefined) throw usage(form, messages.unexpectedValue(option.name));
      put(option, '');
      return;
    }
    const [next] = left;
    const isValue = next !== undefined && (next === '-' || !next.startsWith('-'));
    const value = attached ?? (isValue ? left.shift() : undefined);
    if (value === undefined) throw usage(form, messages.valueRequired(option.name));
    put(option, checked(form, option, value));
  };
  const place = (word: string): void => {
    if (form.argument === undefined || given.has(form.argument)) {
      throw usage(form, messages.unexpectedArgument(word));
    }
    given.set(form.argument, word);
  };
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    if (word === '--') {
      for (const rest of left.splice(0)) place(rest);
    } else if (word.startsWith('--')) {
      const [name, attached] = splitAt(word.slice(2), '=');
      const option = form.options.find((one) => one.name === name);
      if (option === undefined) throw usage(form, messages.unexpectedArgument(`--${name}`));
      take(option, attached);
      if (isAsk(name)) return { asks: name };
    } else if (word.startsWith('-') && word !== '-') {
      for (let letters = word.slice(1); letters !== ''; ) {
        const letter = String.fromCodePoint(letters.codePointAt(0) ?? 0);
        const option = form.options.find((one) => one.letter === letter);
        if (option === undefined) throw usage(form, messages.unexpectedArgument(`-${letter}`));
        const rest = letters.slice(letter.length);
        const isAttached = rest !== '' && (option.takes !== undefined || rest.startsWith('='));
        take(option, isAttached ? rest.replace(/^=/u, '') : undefined);
        if (isAsk(option.name)) return { asks: option.name };
        letters = isAttached ? '' : rest;
      }
    } else place(word);
  }
  checkTogether(form, given);
  return { given };
}

const isAsk = (name: string): name is 'help' | 'version' => name === 'help' || name === 'version';

function splitAt(text: string, mark: string): readonly [string, string?] {
  const at = text.indexOf(mark);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + mark.length)];
}

/** The largest number of 32 bits: mdevctl's index. */
const LARGEST = 2 ** 32 - 1;

function checked(form: Form, { name, takes }: MdevctlOption, value: string): string {
  if (takes === 'uuid') {
    const uuid = uuidOfFileName(value);
    if (uuid === undefined) throw usage(form, messages.invalidValue(name, value));
    return uuid;
  }
  if (takes === 'index' && !(/^\+?\d+$/u.test(value) && Number(value) <= LARGEST)) {
    throw usage(form, messages.invalidValue(name, value));
  }
  return value;
}

function checkTogether(form: Form, given: Given): void {
  const { argument, required = [], exclusive = [], needs = [] } = form;
  for (const [one, other] of exclusive) {
    if (given.has(one) && given.has(other)) throw usage(form, messages.notTogether(one, other));
  }
  const missing = required.find((group) => !group.some((name) => given.has(name)));
  if (missing !== undefined) throw usage(form, messages.notProvided(missing));
  for (const [one, other] of needs) {
    if (given.has(one) && !given.has(other)) throw usage(form, messages.notProvided([other]));
  }
  if (argument !== undefined && !given.has(argument)) {
    throw usage(form, messages.missingWord(argument));
  }
}

const usage = ({ name }: Form, message: string): UsageError =>
  new UsageError(message, messages.seeHelp(name));
