import type { Connection } from '../plan/connection.ts';
import { UsageError } from './failures.ts';
import * as messages from './messages.ts';

/** The candidates for a value: names of the host, or fixed words; an empty list: nothing is known. Absent: file names. */
export type Completion =
  | 'command'
  | 'creation'
  | 'device'
  | 'domain'
  | 'domain-uuid'
  | 'group'
  | 'operation'
  | 'parent'
  | 'profile'
  | 'type'
  | 'uri'
  | 'uuid'
  | ((connection: Connection) => Promise<readonly Candidate[]>)
  | readonly string[];

/** A word that could come next. */
export interface Candidate {
  readonly word: string;
  /** What it is, in a few words. */
  readonly meaning?: string | undefined;
}

/** What follows words of another program's grammar: words, or a value, behind what is written of it already (`--type=`). */
export type NextWord =
  | { readonly words: readonly Candidate[] }
  | {
      readonly value: Pick<Option<unknown>, 'completion' | 'takes'>;
      readonly begun: string;
    };

/**
 * A value on the command line: an option (`--cap pci`), or a positional argument. `read` turns the words into the value.
 */
export interface Option<T> {
  readonly name: string;
  /** Other names: a letter for `-c`, or what virsh accepts too. */
  readonly aliases?: readonly string[];
  readonly summary: string;
  /** The kind of the following word; undefined for a flag. */
  readonly takes?: 'string' | 'number';
  /** The word's name in help: `LIST`. */
  readonly placeholder?: string;
  readonly repeats?: boolean;
  readonly required?: boolean;
  readonly completion?: Completion;
  /** @throws UsageError */
  read(words: readonly string[]): T;
}

type Details = Partial<
  Pick<Option<unknown>, 'aliases' | 'placeholder' | 'required' | 'completion' | 'repeats'>
>;

/** `--tree` */
export function flagOption(name: string, summary: string, details: Details = {}): Option<boolean> {
  return { ...details, name, summary, read: (words) => words.length > 0 };
}

/** `--cap LIST` */
export function textOption(
  name: string,
  summary: string,
  details: Details = {},
): Option<string | undefined> {
  return { ...details, name, summary, takes: 'string', read: ([word]) => word };
}

/** `--boot N`: a decimal number from 1. */
export function numberOption(
  name: string,
  summary: string,
  details: Details = {},
): Option<number | undefined> {
  return decimalOption(name, summary, details, /^[1-9]\d*$/u);
}

/** `--older-than SECONDS`: a decimal number from 0. */
export function wholeNumberOption(
  name: string,
  summary: string,
  details: Details = {},
): Option<number | undefined> {
  return decimalOption(name, summary, details, /^(?:0|[1-9]\d*)$/u);
}

function decimalOption(
  name: string,
  summary: string,
  details: Details,
  form: RegExp,
): Option<number | undefined> {
  const read = ([word]: readonly string[]): number | undefined => {
    if (word === undefined) return undefined;
    const value = Number(word);
    if (!form.test(word) || !Number.isSafeInteger(value)) {
      throw new UsageError(messages.malformedNumber(name, word));
    }
    return value;
  };
  return { ...details, name, summary, takes: 'number', read };
}

/** `--dialect libvirt|thread|extended` */
export function choiceOption<const T extends string>(
  name: string,
  values: readonly T[],
  summary: string,
  details: Details = {},
): Option<T | undefined> {
  const read = ([word]: readonly string[]): T | undefined => {
    if (word === undefined) return undefined;
    const value = values.find((candidate) => candidate === word);
    if (value === undefined) {
      throw new UsageError(messages.invalidChoice(name, word), messages.oneOf(values));
    }
    return value;
  };
  const placeholder = values.join('|');
  return { placeholder, completion: values, ...details, name, summary, takes: 'string', read };
}

/** `DEV`: a required word. */
export function requiredOption(
  name: string,
  summary: string,
  details: Details = {},
): Option<string> {
  return { ...details, name, summary, takes: 'string', required: true, read: firstWord };
}

/** The word. Parsing has refused a missing one. */
function firstWord([word = '']: readonly string[]): string {
  return word;
}

/** `DEV…` or, by name, `--where A --where B`: any number of words. */
export function listOption(
  name: string,
  summary: string,
  details: Details = {},
): Option<readonly string[]> {
  return { ...details, name, summary, takes: 'string', repeats: true, read: (given) => given };
}

/** Accepted by every command, before or after its name. */
export const connectOption = textOption('connect', 'host to work on, or VIRT_NODEDEV_URI', {
  aliases: ['c'],
  placeholder: 'URI',
  completion: 'uri',
});
export const quietOption = flagOption('quiet', 'print only what was asked for', { aliases: ['q'] });
export const helpOption = flagOption('help', 'show help', { aliases: ['h'] });
export const versionOption = flagOption('version', 'show the version', { aliases: ['v'] });
export const longVersionOption = flagOption(
  'version-long',
  'show the version, and with what it works',
  {
    aliases: ['V'],
  },
);
export const readonlyOption = flagOption('readonly', 'refuse whatever would change the host', {
  aliases: ['r'],
});
export const inputTimeoutOption = numberOption(
  'input-timeout',
  'give up on silent input after so long; default 30',
  { placeholder: 'SECONDS' },
);
export const lockTimeoutOption = wholeNumberOption(
  'lock-timeout',
  'give up waiting for others that change the host after so long; default 30',
  { placeholder: 'SECONDS' },
);
export const allowDriverOption = flagOption(
  'allow-driver',
  'run the driver that a profile or a host brings, whoever wrote it',
);
export const wideOption = flagOption(
  'wide',
  'show tables in full, also where the terminal is narrower',
);
export const noPagerOption = flagOption('no-pager', 'show long output at once, without PAGER');
export const globalOptions: readonly Option<unknown>[] = [
  connectOption,
  quietOption,
  helpOption,
  versionOption,
  longVersionOption,
  readonlyOption,
  inputTimeoutOption,
  lockTimeoutOption,
  allowDriverOption,
  wideOption,
  noPagerOption,
];

/** The devices that a command is for: at least one. */
export const devicesArgument = listOption('device', 'name or uuid of a device', {
  required: true,
  completion: 'device',
});

/** Shared by every command that could change others' devices. */
export const adoptOption = flagOption('adopt', 'also devices that others made: they become ours');

export const hotplugOption = flagOption(
  'allow-hotplug',
  'also into the group of a running VM, where the vendor says that it takes no more devices',
);

export const ifGenerationOption = textOption(
  'if-generation',
  "only while the host is as when 'topology --json' gave this generation",
  { placeholder: 'F', completion: [] },
);

/** Shared by what makes something. */
export const ifNotExistsOption = flagOption(
  'if-not-exists',
  'what is there already is left as it is, and no error',
);

/** Shared by what removes something. */
export const ifExistsOption = flagOption('if-exists', 'what is not there is no error');

/** Shared by every command that changes something. */
export const dryRunOption = flagOption('dry-run', 'change nothing, and tell what would be done');

/** Shared by every command that reports something. */
export const jsonOption = flagOption('json', 'report as JSON');
