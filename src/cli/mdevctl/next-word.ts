import type { Connection } from '../../plan/connection.ts';
import type { Candidate, NextWord } from '../options.ts';
import type { Form, MdevctlOption } from './grammar.ts';
import type { Subcommand } from './subcommand.ts';

/** What follows these words of mdevctl: a subcommand, the value of an option, options that are not given, or the one word. */
export function nextWord(
  subcommands: readonly Subcommand[],
  [name, ...given]: readonly string[],
  current: string,
): NextWord {
  const shown = subcommands.flatMap(({ name: word, summary: meaning }) =>
    meaning === undefined ? [] : [{ word, meaning }],
  );
  if (name === undefined) return { words: [...shown, { word: 'help', meaning: 'show help' }] };
  if (name === 'help') return { words: given.length === 0 ? shown : [] };
  const form = subcommands.find((one) => one.name === name);
  if (form === undefined) return { words: [] };
  const [begun = '', attached] = /^--([\w-]+)=/u.exec(current) ?? [];
  const open =
    attached === undefined
      ? openOption(form, given.at(-1) ?? '')
      : form.options.find((one) => one.name === attached);
  if (open !== undefined) return { value: valueOf(open, form, given), begun };
  if (form.argument !== undefined && !current.startsWith('-')) {
    const isFirst = given.every((word) => word.startsWith('-'));
    return isFirst ? { value: { takes: 'string', completion: parents }, begun: '' } : { words: [] };
  }
  const names = given.flatMap((word) => optionsIn(form, word).map((option) => option.name));
  const excluded = (form.exclusive ?? [])
    .filter((pair) => pair.some((one) => names.includes(one)))
    .flat();
  return {
    words: form.options
      .filter((option) => ![...names, ...excluded].includes(option.name))
      .map((option) => ({ word: `--${option.name}`, meaning: option.summary })),
  };
}

/** The options in a word: `--auto`, `--parent=P`, `-dv`, `-dpPARENT`. */
function optionsIn({ options }: Form, word: string): readonly MdevctlOption[] {
  if (word.startsWith('--')) {
    return options.filter(({ name }) => word === `--${name}` || word.startsWith(`--${name}=`));
  }
  const found: MdevctlOption[] = [];
  for (const letter of word.startsWith('-') ? word.slice(1) : '') {
    const option = options.find((one) => one.letter === letter);
    if (option === undefined || found.at(-1)?.takes !== undefined) break;
    found.push(option);
  }
  return found;
}

/** The option whose value is the next word. */
function openOption(form: Form, word: string): MdevctlOption | undefined {
  const found = optionsIn(form, word);
  const isWhole = word.startsWith('--') ? !word.includes('=') : word.length === found.length + 1;
  const last = found.at(-1);
  return isWhole && last?.takes !== undefined ? last : undefined;
}

function valueOf(
  { name }: MdevctlOption,
  form: Form,
  given: readonly string[],
): (NextWord & { readonly value: object })['value'] {
  const isGiven = (option: string): boolean =>
    given.some((word) => optionsIn(form, word).some((one) => one.name === option));
  const at = given.findIndex((word) => openOption(form, word)?.name === 'parent');
  const parent = at === -1 ? undefined : given[at + 1];
  const isDefined = ['start', 'modify', 'undefine'].includes(form.name) && !isGiven('live');
  if (name === 'uuid') {
    return { takes: 'string', completion: uuids(isDefined || isGiven('defined'), parent) };
  }
  if (name === 'parent') return { takes: 'string', completion: parents };
  if (name === 'type') return { takes: 'string', completion: types(parent) };
  return name === 'jsonfile' ? { takes: 'string' } : { takes: 'string', completion: [] };
}

const parents = async (connection: Connection): Promise<readonly Candidate[]> =>
  (await connection.mdevctlParents()).items.map(({ parent }) => ({ word: parent }));

const types =
  (parent: string | undefined) =>
  async (connection: Connection): Promise<readonly Candidate[]> => {
    const { items } = await connection.mdevctlParents({ parent });
    const all = items.flatMap((one) => one.types);
    return [...new Map(all.map(({ id, name }) => [id, { word: id, meaning: name }])).values()];
  };

const uuids =
  (defined: boolean, parent: string | undefined) =>
  async (connection: Connection): Promise<readonly Candidate[]> => {
    const { items } = await connection.mdevctlDevices({ defined });
    const own = items.filter((one) => parent === undefined || one.parent === parent);
    return [
      ...new Map(
        own.map(({ uuid, type, parent: on }) => [
          uuid,
          { word: uuid, meaning: [type, on].filter((part) => part !== undefined).join(' on ') },
        ]),
      ).values(),
    ];
  };
