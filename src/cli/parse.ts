import { Parser } from 'yargs/helpers';
import { nearMiss } from '../suggest.ts';
import type { Arguments, Command, CommandEntry } from './command.ts';
import { canonicalName, findCommand } from './command-names.ts';
import { UsageError } from './failures.ts';
import { habitOfOption, habitOfWord } from './habits.ts';
import * as messages from './messages.ts';
import {
  dryRunOption,
  globalOptions,
  jsonOption,
  longVersionOption,
  type Option,
  versionOption,
} from './options.ts';

/** The command line, divided: options before the command's name are global, those after it are the command's. */
interface SplitLine {
  readonly globals: readonly string[];
  readonly words: readonly string[];
}

/** Words, sorted by yargs into options and others. */
interface ParsedWords {
  /** The words of each option, in order. A flag's word is empty. */
  readonly options: ReadonlyMap<string, readonly string[]>;
  readonly unknown: string | undefined;
  readonly positional: readonly string[];
  /** After `--`, or after the first word when `stopAtWord` is set. */
  readonly rest: readonly string[];
}

/** What may stand before a command's name: --json and --dry-run only where the command has it. */
const earlierOptions = [...globalOptions, jsonOption, dryRunOption];

/** The values of a command line that has no command. */
export function parseGlobals(globals: readonly string[]): Arguments {
  const { options } = parseWords(globals, earlierOptions, true);
  return { get: (option) => option.read(options.get(option.name) ?? []) };
}

/**
 * Separates the options before the command's name from the rest.
 *
 * @throws UsageError for an option that is not global
 */
export function splitLine(argv: readonly string[]): SplitLine {
  const { unknown, rest } = parseWords(argv, earlierOptions, true);
  if (unknown !== undefined) throw new UsageError(messages.unsupportedOption(unknown));
  const globals = argv.slice(0, argv.length - rest.length);
  return { globals: globals.at(-1) === '--' ? globals.slice(0, -1) : globals, words: rest };
}

/**
 * The command that the words name, and the remaining words.
 *
 * @throws UsageError when there is none, with a similar name
 */
export function chooseCommand(
  commands: readonly CommandEntry[],
  words: readonly string[],
): {
  readonly entry: CommandEntry;
  readonly rest: readonly string[];
} {
  const found = findCommand(commands, words);
  if (found !== undefined) return { entry: found.entry, rest: words.slice(found.length) };
  const [word = '', second] = words;
  const family = familyOf(commands, word);
  const isPart = family.length > 0 && second !== undefined && !second.startsWith('-');
  const written = isPart ? `${word} ${second}` : word;
  const near = habitOfWord(written) ?? nearCommand(isPart ? family : commands, written);
  const others = family.length > 0 ? messages.oneOf(family.map(({ name }) => name)) : undefined;
  throw new UsageError(messages.unknownCommand(written), near ?? others ?? messages.seeHelp());
}

/** The commands that begin with this word: those of `group`. */
export function familyOf(commands: readonly CommandEntry[], word: string): readonly CommandEntry[] {
  return commands.filter(({ name }) => name.startsWith(`${word} `));
}

/** Destroys, or takes away. Only who wrote it but for one letter means it. */
const DESTRUCTIVE = new Set([
  'destroy',
  'undefine',
  'gc',
  'sim reset',
  'sim stop',
  'sim unplug',
  'sim unbind',
  'group remove',
  'group release',
  'fleet release',
]);

/** The hint at the command with the most similar name. Neither virsh's prefix nor the family's word are compared. */
function nearCommand(candidates: readonly CommandEntry[], written: string): string | undefined {
  const bare = (name: string): string => name.replace(/^(?:nodedev-|\w+ )/u, '');
  const compared = ({ name }: CommandEntry): string => (written.includes(' ') ? bare(name) : name);
  const near = (destroys: boolean, limit?: number): CommandEntry | undefined => {
    const entries = candidates.filter(({ name }) => DESTRUCTIVE.has(name) === destroys);
    const name = nearMiss(bare(written), entries.map(compared), limit);
    return entries.find((entry) => compared(entry) === name);
  };
  const ofThree = bare(written).length < 3 ? 0 : 1; // `gr` is not `gc`
  const entry = near(false, 1) ?? near(true, ofThree) ?? near(false);
  if (entry === undefined) return undefined;
  return messages.didYouMean(written.startsWith('nodedev-') ? canonicalName(entry) : entry.name);
}

/** The values of a command's options and arguments. */
export class ParsedArguments implements Arguments {
  readonly #command: Command;
  readonly #name: string;
  readonly #values: Map<string, readonly string[]>;

  /** @throws UsageError for unknown options, and for too many words */
  constructor(entry: CommandEntry, command: Command, words: readonly string[]) {
    this.#command = command;
    this.#name = canonicalName(entry);
    const known = [...command.arguments, ...command.options, ...laterOptions];
    const { options, unknown, positional, rest } = parseWords(words, known, false);
    if (unknown !== undefined) throw this.#unknownOption(entry, unknown, known);
    this.#values = new Map(options);
    this.#place([...positional, ...rest]);
  }

  get<T>(option: Option<T>): T {
    return option.read(this.#values.get(option.name) ?? []);
  }

  /** The argument of the next positional word. */
  nextPositional(): Option<unknown> | undefined {
    return this.#command.arguments.find(
      ({ name, repeats }) => repeats === true || !this.#values.has(name),
    );
  }

  /** @throws UsageError when something required is missing, or a word is no value of its option */
  check(): void {
    const { arguments: places, options } = this.#command;
    const isMissing = ({ name, required }: Option<unknown>): boolean =>
      required === true && !this.#values.has(name);
    const place = places.find(isMissing);
    if (place !== undefined) {
      throw new UsageError(messages.missingArgument(this.#name, place.name));
    }
    const option = options.find(isMissing);
    if (option !== undefined) {
      throw new UsageError(messages.missingOption(this.#name, option.name));
    }
    for (const each of [...places, ...options, ...globalOptions]) this.get(each);
  }

  /** Assigns words in order to the arguments that were not given by name. A repeating argument gets all remaining words. */
  #place(given: readonly string[]): void {
    let left = given;
    for (const { name, repeats } of this.#command.arguments) {
      if (left.length === 0) return;
      if (this.#values.has(name) && repeats !== true) continue;
      const count = repeats === true ? left.length : 1;
      this.#values.set(name, [...(this.#values.get(name) ?? []), ...left.slice(0, count)]);
      left = left.slice(count);
    }
    const [extra] = left;
    if (extra !== undefined) throw new UsageError(messages.unexpectedData(extra));
  }

  #unknownOption(
    { name }: CommandEntry,
    written: string,
    known: readonly Option<unknown>[],
  ): UsageError {
    const near = nearMiss(
      written.replace(/^-+/u, ''),
      known.map((option) => option.name),
    );
    const habit = habitOfOption(name, written);
    return new UsageError(
      messages.unknownOption(this.#name, written),
      habit ??
        (near === undefined ? messages.seeHelp(this.#name) : messages.didYouMean(`--${near}`)),
    );
  }
}

/** The global options after a command's name: there, `-v` and `-V` would be a surprise, as in \`mdevctl list -v\`. */
const laterOptions = globalOptions.map((option) =>
  option === versionOption || option === longVersionOption ? { ...option, aliases: [] } : option,
);

/**
 * Sorts words into options and others with yargs' parser. Its conversions are switched off: it would read `12e4` as 120000,
 * `--no-tree` as an option, `--a.b` as an object, and take `true` after a flag as its value.
 */
function parseWords(
  words: readonly string[],
  known: readonly Option<unknown>[],
  stopAtWord: boolean,
): ParsedWords {
  if (!stopAtWord) refuseOptionAsValue(words, known);
  const { argv, error } = Parser.detailed([...words], {
    alias: Object.fromEntries(known.map(({ name, aliases = [] }) => [name, [...aliases]])),
    boolean: known.filter(({ takes }) => takes === undefined).map(({ name }) => name),
    string: known.filter(({ takes }) => takes !== undefined).map(({ name }) => name),
    // Flags take no value, so that neither `--tree=x` nor `--tree true` gives them one.
    narg: Object.fromEntries(known.map(({ name, takes }) => [name, takes === undefined ? 0 : 1])),
    configuration: {
      'boolean-negation': false,
      'camel-case-expansion': false,
      'dot-notation': false,
      'halt-at-non-option': stopAtWord,
      'nargs-eats-options': true,
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'populate--': true,
      'strip-aliased': true,
      'unknown-options-as-args': true,
    },
  });
  if (error !== null) throw valueError(error, known);

  const { _: loose, '--': rest = [], ...given } = argv;
  const options = new Map<string, readonly string[]>();
  for (const [name, value] of Object.entries<unknown>(given)) {
    const option = known.find((candidate) => candidate.name === name);
    if (option === undefined) return { options, unknown: `--${name}`, positional: [], rest: [] };
    const values = Array.isArray(value) ? value : [value];
    if (values.length > 1 && option.repeats !== true) {
      throw new UsageError(messages.repeatedOption(name));
    }
    options.set(
      name,
      values.map((word) => (typeof word === 'string' ? word : '')),
    );
  }
  const positional = loose.map(String);
  const unknown = positional.find((word) => word.startsWith('-') && word !== '-');
  return { options, unknown: unknown?.split('=', 1)[0], positional, rest: rest.map(String) };
}

/** `--cap --json` gives no capability, and `--json` is not lost: who means it writes `--cap=--json`. */
function refuseOptionAsValue(words: readonly string[], known: readonly Option<unknown>[]): void {
  const written = (name: string): string => `${name.length === 1 ? '-' : '--'}${name}`;
  const names = new Set([...known, jsonOption, dryRunOption].map(({ name }) => written(name)));
  const end = words.indexOf('--');
  for (const [index, word] of words.slice(0, end === -1 ? undefined : end).entries()) {
    const option = known.find((each) => namesOf(each).some((name) => written(name) === word));
    if (option?.takes !== undefined && names.has(words[index + 1] ?? '')) {
      throw new UsageError(messages.missingValue(option.name, option.takes));
    }
  }
}

/** yargs' parser has two errors, a missing value and a value too many. Both end with the option's name. */
function valueError(error: Error, known: readonly Option<unknown>[]): UsageError {
  const name = error.message.slice(error.message.lastIndexOf(' ') + 1);
  const option = known.find((candidate) => namesOf(candidate).includes(name));
  return new UsageError(
    option?.takes === undefined
      ? messages.valueNotTaken(option?.name ?? name)
      : messages.missingValue(option.name, option.takes),
  );
}

/** An option's name and its other names. */
export function namesOf({ name, aliases = [] }: Option<unknown>): readonly string[] {
  return [name, ...aliases];
}
