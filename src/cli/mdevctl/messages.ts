/**
 * The sentences of `virt-nodedev mdevctl`. Those that mdevctl says, too, are unchanged, because users and programs search
 * for them.
 */

// The command line. clap's begin alike.

export const severalTimes = (name: string): string =>
  `the argument '--${name}' cannot be used multiple times`;

export const unexpectedValue = (name: string): string => `unexpected value for '--${name}'`;

export const valueRequired = (name: string): string =>
  `a value is required for '--${name}' but none was supplied`;

export const unexpectedArgument = (word: string): string => `unexpected argument '${word}' found`;

export const invalidValue = (name: string, value: string): string =>
  `invalid value '${value}' for '--${name}'`;

export const notTogether = (one: string, other: string): string =>
  `the argument '--${one}' cannot be used with '--${other}'`;

export const notProvided = (names: readonly string[]): string =>
  `required: ${names.map((name) => `--${name}`).join(' or ')}`;

export const missingWord = (name: string): string => `required: <${name}>`;

export const unknownSubcommand = (word: string): string => `unrecognized subcommand '${word}'`;

export const seeHelp = (subcommand?: string): string =>
  `see virt-nodedev mdevctl ${subcommand === undefined ? '' : `${subcommand} `}--help`;

// Refusals.

export const noParent = 'No parent specified';
export const noType = 'No type specified';
export const insufficient = 'Device is insufficiently specified';
export const typeWithoutParent = "can't provide type without parent";
export const noneMatches = 'No devices match the specified uuid';
export const alreadyExists = 'Device already exists';
export const otherParent = 'Device exists under different parent';
export const otherType = 'Device exists with different type';
export const typeStays = "'type' cannot be changed on active mdev";
export const typesDiffer = "'type' of active and defined mdev does not match";
export const liveNeedsFile = "'live' option must be used with 'jsonfile' option";
export const startStays = (word: string): string => `'${word}' cannot be changed on active mdev`;
export const parentForFile = (doing: string, file = 'json file'): string =>
  `Parent device required to ${doing} device via ${file}`;
export const notActive = (uuid: string): string => `Device ${uuid} is not an active mdev`;
export const notDefined = (device: string): string => `Mediated device ${device} is not defined`;
export const notActiveDevice = (device: string): string =>
  `Mediated device ${device} is not active`;
export const alreadyDefined = (uuid: string, parent: string): string =>
  `Device ${uuid} on ${parent} already defined`;
export const notOverwritten = (uuid: string, parent: string): string =>
  `Cowardly refusing to overwrite existing config for ${parent}/${uuid}`;
export const severalDefinitions = (uuid: string): string =>
  `Multiple definitions found for device ${uuid}. Please specify a parent.`;
export const severalToModify = (uuid: string): string =>
  `Multiple definitions found for ${uuid}, specify a parent`;
export const definedAs = (uuid: string, parent: string, type: string): string =>
  `Device ${uuid} already exists on parent ${parent} with type ${type}`;
export const unreadableFile = (file: string, word: 'file' | 'jsonfile'): string =>
  `Unable to read ${word} "${file}"`;
export const invalidAttribute = (name: string): string => `Invalid attribute '${name}'`;
export const noSuchParent = (parent: string, meant: string | undefined): string =>
  `Unable to find parent device '${parent}'${meant === undefined ? '' : `. Did you mean '${meant}'?`}`;
export const noSuchType = (parent: string, type: string): string =>
  `Parent ${parent} does not support mdev type ${type}`;
export const noInstances = (parent: string, type: string): string =>
  `No available instances of ${type} on ${parent}`;
export const notCreated = (uuid: string, type: string, parent: string): string =>
  `Failed to create mdev ${uuid}, type ${type} on ${parent}`;
export const notRemoved = (uuid: string): string => `Error removing device ${uuid}`;
export const notListed = 'not all definitions can be read';

export const seeParents = 'virt-nodedev mdevctl types lists those that have types';
export const dryRun = 'dry run: nothing was changed';
