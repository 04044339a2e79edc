import type { SourceText } from '../engine/sources.ts';
import type { NodeDevice } from '../nodedev/device.ts';
import type { Arguments } from './command.ts';
import { UsageError } from './failures.ts';
import { readSources, sourceName } from './files.ts';
import type { Io } from './io.ts';
import * as messages from './messages.ts';
import { flagOption, jsonOption, listOption, type Option, textOption } from './options.ts';

const parent = textOption('parent', 'instead of FILE: the device that provides it', {
  placeholder: 'PARENT',
  completion: 'parent',
});
const type = textOption('type', 'instead of FILE: its type, by id or name', {
  placeholder: 'TYPE',
  completion: 'type',
});
const uuid = textOption('uuid', 'with --type: its uuid; a random one without', {
  completion: 'uuid',
});
const group = textOption('group', 'with --type: its group', { completion: 'group' });
const attribute = listOption('attr', "with --type: an attribute of its driver's, in this order", {
  placeholder: 'NAME=VALUE',
  completion: [],
});
const params = textOption('params', "with --type: the driver's parameters", { completion: [] });
const print = flagOption('print', 'with --type: print its XML, and do nothing');

/** Describe one device on the command line, as `mdevctl start` and `define` do. */
export const deviceOptions: readonly Option<unknown>[] = [
  parent,
  type,
  uuid,
  group,
  attribute,
  params,
  print,
];

/** The documents of a command line, and what to call them; or the XML that was asked for. */
type Documents =
  | { readonly sources: readonly SourceText[]; readonly names: readonly string[] }
  | { readonly xml: string };

/**
 * The documents of a command line: its files, or the one that its options describe.
 *
 * @param command the command's name, for messages
 * @throws UsageError for neither, for both, and for options without the type; FileError
 */
export async function requestedDocuments(
  args: Arguments,
  command: string,
  file: Option<readonly string[]>,
  io: Io,
): Promise<Documents> {
  const files = args.get(file);
  if (args.get(print) && args.get(jsonOption)) {
    throw new UsageError(messages.exclusive(print.name, jsonOption.name));
  }
  const device = requestedDevice(args);
  if (device !== undefined && files.length > 0) {
    throw new UsageError(messages.exclusive(file.name, type.name));
  }
  if (device === undefined) {
    if (files.length === 0) {
      throw new UsageError(messages.missingArgument(command, file.name), messages.fileOrType);
    }
    return { sources: await readSources(io, files), names: files.map(sourceName) };
  }
  const { formatNodeDevice } = await import('../nodedev/format.ts');
  const xml = formatNodeDevice(device);
  return args.get(print) ? { xml } : { sources: [{ text: xml, file: OPTIONS }], names: [OPTIONS] };
}

/** The name of what the options say, in messages. */
const OPTIONS = '<options>';

/** The name of what a command line describes, for a failure. */
export function requestedName(args: Arguments, file: Option<readonly string[]>): string {
  const files = args.get(file);
  return files.length > 0 ? files.map(sourceName).join(', ') : OPTIONS;
}

function requestedDevice(args: Arguments): NodeDevice | undefined {
  // Of a script whose variable is unset: a random uuid, or a group of its own, is not what it asks for.
  const empty = [parent, type, uuid, group].find((option) => args.get(option) === '');
  if (empty !== undefined) throw new UsageError(messages.invalidChoice(empty.name, ''));
  const id = args.get(type);
  if (id === undefined) {
    const given = deviceOptions.find((option) => isGiven(args.get(option)));
    if (given !== undefined) throw new UsageError(messages.needsOption(given.name, type.name));
    return undefined;
  }
  const name = args.get(parent);
  return {
    parent: name === undefined ? undefined : { name },
    devnodes: [],
    capabilities: [
      {
        kind: 'mdev',
        types: [{ id, attributes: [], extra: [] }],
        uuid: args.get(uuid)?.toLowerCase(),
        group: args.get(group),
        attributes: args.get(attribute).map(namedValue),
        params: args.get(params),
        extra: [],
      },
    ],
    extra: [],
  };
}

const isGiven = (value: unknown): boolean =>
  Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false;

function namedValue(word: string): { readonly name: string; readonly value: string } {
  const at = word.indexOf('=');
  if (at < 1) throw new UsageError(messages.invalidChoice('attr', word), messages.nameAndValue);
  return { name: word.slice(0, at), value: word.slice(at + 1) };
}
