import type { Connection } from '../plan/connection.ts';
import { sampleProfiles } from '../host/simulated/samples.ts';
import type { CommandContext, CommandEntry } from './command.ts';
import { canonicalName, findCommand } from './command-names.ts';
import { type Candidate, globalOptions, type Option } from './options.ts';
import { connectionUri } from './connection-uri.ts';
import { namesOf, ParsedArguments, splitLine } from './parse.ts';

/** What completion works with. */
type Known = Pick<CommandContext, 'commands' | 'io'>;

/**
 * The candidates for the last word, which may be incomplete.
 *
 * @returns with whether names of files could come as well
 * @throws UsageError when no command line begins with these words
 */
export async function candidates(
  words: readonly string[],
  known: Known,
): Promise<{ readonly found: readonly Candidate[]; readonly files: boolean }> {
  const current = words.at(-1) ?? '';
  const { offered, files = false } = await nextWords(words.slice(0, -1), current, known);
  return { found: offered.filter(({ word }) => word.startsWith(current)), files };
}

interface Offer {
  readonly offered: readonly Candidate[];
  readonly files?: boolean;
}

async function nextWords(before: readonly string[], current: string, known: Known): Promise<Offer> {
  const attached = /^--([\w-]+)=/u.exec(current)?.[1];
  const last = attached ?? /^--?([\w-]+)$/u.exec(before.at(-1) ?? '')?.[1];
  const isOpen = (option: Option<unknown>): boolean =>
    last !== undefined && option.takes !== undefined && namesOf(option).includes(last);
  const openValues = async (open: Option<unknown>, uri: string | undefined): Promise<Offer> => {
    const offer = await valuesOf(open, uri, known, current);
    return attached === undefined ? offer : behind(`--${attached}=`, offer);
  };
  const global = globalOptions.find(isOpen);
  if (global !== undefined) return openValues(global, undefined);

  const { commands, io } = known;
  const { globals, words } = splitLine(before);
  const found = findCommand(commands, words);
  if (found === undefined) {
    const offered = current.startsWith('-')
      ? optionWords(globalOptions)
      : commandWords(commands, words);
    return { offered };
  }
  const { command } = await found.entry.load();
  const given = words.slice(found.length);
  if (command.nextWord !== undefined) {
    const next = command.nextWord(given, current);
    if ('words' in next) return { offered: next.words };
    const args = new ParsedArguments(found.entry, command, globals);
    return behind(next.begun, await valuesOf(next.value, connectionUri(args, io), known, current));
  }
  const options = [...command.arguments, ...command.options];
  const open = options.find(isOpen);
  const finished = open === undefined || attached !== undefined ? given : given.slice(0, -1);
  const args = new ParsedArguments(found.entry, command, [...globals, ...finished]);
  if (open !== undefined) return openValues(open, connectionUri(args, io));
  if (current.startsWith('-')) {
    return { offered: optionWords([...command.options, ...globalOptions]) };
  }
  const place = args.nextPositional();
  return place === undefined
    ? { offered: [] }
    : valuesOf(place, connectionUri(args, io), known, current);
}

const behind = (begun: string, { offered, ...rest }: Offer): Offer => ({
  ...rest,
  offered: offered.map((one) => ({ ...one, word: `${begun}${one.word}` })),
});

function optionWords(options: readonly Option<unknown>[]): readonly Candidate[] {
  return options.map(({ name, summary }) => ({ word: `--${name}`, meaning: summary }));
}

/** The next words of all commands that begin with these words; not of those that are for programs. */
function commandWords(
  commands: readonly CommandEntry[],
  words: readonly string[],
): readonly Candidate[] {
  const next = commands
    .filter(({ summary }) => summary !== undefined)
    .flatMap((entry) =>
      [entry.name, canonicalName(entry)].map((name) => [name.split(' '), entry.summary] as const),
    )
    .filter(([name]) => words.every((word, index) => word === name[index]))
    .flatMap(([name, meaning]): readonly Candidate[] => {
      const word = name[words.length];
      const isWhole = name.length === words.length + 1;
      return word === undefined ? [] : [{ word, meaning: isWhole ? meaning : undefined }];
    });
  return [...new Map(next.map((one) => [one.word, one])).values()];
}

async function valuesOf(
  { completion, takes }: Pick<Option<unknown>, 'completion' | 'takes'>,
  uri: string | undefined,
  { commands, io }: Known,
  current: string,
): Promise<Offer> {
  if (completion === undefined) return { offered: [], files: takes === 'string' };
  if (typeof completion === 'object') return { offered: completion.map((word) => ({ word })) };
  if (completion === 'command') return { offered: commandWords(commands, []) };
  if (completion === 'profile') return { offered: profiles(), files: true };
  if (completion === 'uri') return { offered: [...URIS, ...profiles()], files: true };
  const connection = await io.connect(uri, {
    report: () => undefined,
    readOnly: true,
    profileDrivers: 'none',
  });
  try {
    const read = typeof completion === 'function' ? completion : hostNames[completion];
    return { offered: await read(connection, current) };
  } finally {
    await connection.close();
  }
}

const profiles = (): readonly Candidate[] =>
  sampleProfiles().map((word) => ({ word, meaning: 'a profile' }));

const URIS: readonly Candidate[] = [
  { word: 'sysfs:///', meaning: 'this machine' },
  { word: 'sim:///', meaning: 'a simulated host, with its directory' },
  { word: 'test:///default', meaning: 'a simulated Tesla M60 in memory' },
  { word: 'libvirt:qemu:///system', meaning: 'this machine as libvirt tells it, to be read only' },
];

/** Functions that read the names of a host, by kind. */
const hostNames = {
  // A uuid is offered when one is begun, so that nothing is offered twice.
  device: async (connection: Connection, current: string) =>
    (await connection.list({ state: 'all' })).items.flatMap((device) => {
      const meaning = [device.type, device.parent]
        .filter((part) => part !== undefined)
        .join(' on ');
      const names = [device.name, device.alias, current === '' ? undefined : device.uuid];
      return names.flatMap((word) => (word === undefined ? [] : [{ word, meaning }]));
    }),
  uuid: async (connection: Connection) =>
    (await connection.list({ state: 'all', capabilities: ['mdev'] })).items.flatMap((device) =>
      device.uuid === undefined ? [] : [{ word: device.uuid, meaning: device.type }],
    ),
  parent: async (connection: Connection) =>
    (await connection.list({ capabilities: ['mdev_types'] })).items.map(({ name }) => ({
      word: name,
    })),
  type: async (connection: Connection) => {
    const { items } = await connection.types();
    return [...new Map(items.map(({ id, name }) => [id, { word: id, meaning: name }])).values()];
  },
  // After the `@`, the parents.
  creation: async (connection: Connection, current: string) => {
    const [begun] = /^[^@]*@/u.exec(current) ?? [];
    if (begun === undefined) return hostNames.type(connection);
    const parents = await hostNames.parent(connection);
    return parents.map(({ word }) => ({ word: `${begun}${word}`, meaning: undefined }));
  },
  group: async (connection: Connection) =>
    (await connection.groups()).map(({ name, owner }) => ({ word: name, meaning: owner?.name })),
  domain: async (connection: Connection) =>
    (await connection.topology()).domains.map(({ name }) => ({ word: name })),
  'domain-uuid': async (connection: Connection) =>
    (await connection.topology()).domains.flatMap(({ name, uuid }) =>
      uuid === undefined ? [] : [{ word: uuid, meaning: name }],
    ),
  operation: async (connection: Connection) =>
    (await connection.doctor()).flatMap(({ code, hint = '' }) => {
      const word = code === 'recovery-left' ? /forget: '(.*?)'/u.exec(hint)?.[1] : undefined;
      return word === undefined ? [] : [{ word }];
    }),
};
