import type { Connection } from '../plan/connection.ts';
import { sampleProfiles } from '../host/simulated/samples.ts';
import type { CommandContext, CommandEntry } from './command.ts';
import { canonicalName, findCommand } from './command-names.ts';
import { type Completion, globalOptions, type Option } from './options.ts';
import { connectionUri } from './connection-uri.ts';
import { namesOf, ParsedArguments, splitLine } from './parse.ts';

/** What completion works with. */
type Known = Pick<CommandContext, 'commands' | 'io'>;

/**
 * The candidates for the last word, which may be incomplete. None: a file name is expected, or nothing is known.
 *
 * @throws UsageError when no command line begins with these words
 */
export async function candidates(
  words: readonly string[],
  known: Known,
): Promise<readonly string[]> {
  const current = words.at(-1) ?? '';
  const offered = await nextWords(words.slice(0, -1), current, known);
  return offered.filter((word) => word.startsWith(current));
}

async function nextWords(
  before: readonly string[],
  current: string,
  known: Known,
): Promise<readonly string[]> {
  const attached = /^--([\w-]+)=/u.exec(current)?.[1];
  const last = attached ?? /^--?([\w-]+)$/u.exec(before.at(-1) ?? '')?.[1];
  const isOpen = (option: Option<unknown>): boolean =>
    last !== undefined && option.takes !== undefined && namesOf(option).includes(last);
  if (globalOptions.some(isOpen)) return [];

  const { commands, io } = known;
  const { globals, words } = splitLine(before);
  const found = findCommand(commands, words);
  if (found === undefined) {
    return current.startsWith('-') ? optionWords(globalOptions) : commandWords(commands, words);
  }
  const { command } = await found.entry.load();
  const given = words.slice(found.length);
  const options = [...command.arguments, ...command.options];
  const open = options.find(isOpen);
  const finished = open === undefined || attached !== undefined ? given : given.slice(0, -1);
  const args = new ParsedArguments(found.entry, command, [...globals, ...finished]);
  if (open !== undefined) {
    const values = await valuesOf(open.completion, connectionUri(args, io), known);
    return attached === undefined ? values : values.map((value) => `--${attached}=${value}`);
  }
  if (current.startsWith('-')) return optionWords([...command.options, ...globalOptions]);
  return valuesOf(args.nextPositional()?.completion, connectionUri(args, io), known);
}

function optionWords(options: readonly Option<unknown>[]): readonly string[] {
  return options.map(({ name }) => `--${name}`);
}

/** The next words of all commands that begin with these words. */
function commandWords(
  commands: readonly CommandEntry[],
  words: readonly string[],
): readonly string[] {
  const next = commands
    .flatMap((entry) => [entry.name, canonicalName(entry)])
    .map((name) => name.split(' '))
    .filter((name) => words.every((word, index) => word === name[index]))
    .flatMap((name) => name[words.length] ?? []);
  return [...new Set(next)];
}

async function valuesOf(
  completion: Completion | undefined,
  uri: string | undefined,
  { commands, io }: Known,
): Promise<readonly string[]> {
  if (completion === undefined) return [];
  if (typeof completion !== 'string') return completion;
  if (completion === 'command') return commandWords(commands, []);
  if (completion === 'profile') return sampleProfiles();
  const connection = await io.connect(uri, { report: () => undefined, profileDrivers: 'none' });
  try {
    return await hostNames[completion](connection);
  } finally {
    await connection.close();
  }
}

/** Functions that read the names of a host, by kind. */
const hostNames = {
  device: async (connection: Connection) =>
    itemNames((await connection.list({ state: 'all' })).items),
  parent: async (connection: Connection) =>
    itemNames((await connection.list({ capabilities: ['mdev_types'] })).items),
  group: async (connection: Connection) => itemNames(await connection.groups()),
  operation: async (connection: Connection) =>
    (await connection.doctor()).flatMap(({ code, hint = '' }) =>
      code === 'recovery-left' ? (/forget: '(.*?)'/u.exec(hint)?.[1] ?? []) : [],
    ),
};

function itemNames(items: readonly { readonly name: string }[]): readonly string[] {
  return items.map(({ name }) => name);
}
