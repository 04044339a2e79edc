import { resolve } from 'node:path';
import { type Definition, parseDefinition } from '../../engine/definitions/definitions.ts';
import type { NamedValue } from '../../nodedev/device.ts';
import { FileError, MdevctlError } from '../failures.ts';
import { readInput } from '../files.ts';
import type { Io } from '../io.ts';
import * as messages from './messages.ts';
import { inItsWords } from './refusals.ts';

/** A device to start or define, as a document. */
export async function deviceXml({
  uuid,
  parent,
  type,
  attributes,
}: {
  readonly uuid: string | undefined;
  readonly parent: string;
  readonly type: string;
  readonly attributes: readonly NamedValue[];
}): Promise<string> {
  const { formatNodeDevice } = await import('../../nodedev/format.ts');
  const device = {
    parent: { name: parent },
    devnodes: [],
    capabilities: [
      {
        kind: 'mdev' as const,
        types: [{ id: type, attributes: [], extra: [] }],
        uuid,
        attributes,
        extra: [],
      },
    ],
    extra: [],
  };
  return inItsWords({ what: 'other' }, () => Promise.resolve(formatNodeDevice(device)));
}

/** The content of `--jsonfile`. @throws MdevctlError */
export async function readJsonFile(
  io: Io,
  file: string,
  word: 'file' | 'jsonfile' = 'file',
): Promise<Definition> {
  let bytes: Uint8Array;
  try {
    bytes = await readInput(io, resolve(io.cwd, file));
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    throw new MdevctlError(messages.unreadableFile(file, word), { hint: error.message });
  }
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  return inItsWords({ what: 'other' }, () =>
    Promise.resolve().then(() => parseDefinition(text, file)),
  );
}
