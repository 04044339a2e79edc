import type { NodedevError } from '../../errors.ts';
import type { Connection } from '../../plan/connection.ts';
import type { Io } from '../io.ts';
import type { Form, Given, MdevctlOption } from './grammar.ts';

/** What a subcommand works with. */
export interface MdevctlContext {
  readonly given: Given;
  readonly io: Io;
  readonly connection: Connection;
  /** Tells what could not be read, and stopped nothing. */
  readonly problems: (problems: readonly NodedevError[]) => void;
  /** Prints lines of text, or JSON without an end of line, as mdevctl does. */
  readonly print: (text: string) => void;
  readonly printJson: (value: unknown) => void;
}

/** A subcommand of mdevctl. */
export interface Subcommand extends Form {
  /** Changes something. */
  readonly changes?: true;
  run(context: MdevctlContext): Promise<void>;
}

export const helpOption: MdevctlOption = { name: 'help', letter: 'h', summary: 'show help' };
export const versionOption: MdevctlOption = {
  name: 'version',
  letter: 'V',
  summary: 'show the version',
};
export const uuidOption: MdevctlOption = {
  name: 'uuid',
  letter: 'u',
  summary: "the device's uuid",
  takes: 'uuid',
};
export const parentOption: MdevctlOption = {
  name: 'parent',
  letter: 'p',
  summary: 'the sysfs name of its parent',
  takes: 'text',
};
export const jsonOption: MdevctlOption = {
  name: 'dumpjson',
  summary: 'print JSON',
};
export const forceOption: MdevctlOption = {
  name: 'force',
  letter: 'f',
  summary: 'also where a script refuses it',
};
export const typeOption: MdevctlOption = {
  name: 'type',
  letter: 't',
  summary: 'its type',
  takes: 'text',
};
export const fileOption: MdevctlOption = {
  name: 'jsonfile',
  summary: 'a file with its type, start and attributes, as list --dumpjson prints them',
  takes: 'text',
};
