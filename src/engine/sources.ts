import type { NodeDevice } from '../nodedev/device.ts';
import { parseNodeDevices } from '../nodedev/parse.ts';
import type { SourceText } from './types.ts';

export type Sources = string | SourceText | readonly (string | SourceText)[];

/** All node devices of one or several documents, in order. */
export function parseSources(sources: Sources): readonly NodeDevice[] {
  const list = isList(sources) ? sources : [sources];
  return list.flatMap((source) => {
    const { text, file } = typeof source === 'string' ? { text: source, file: undefined } : source;
    return parseNodeDevices(text, { file });
  });
}

/** Array.isArray does not narrow readonly arrays. */
function isList(sources: Sources): sources is readonly (string | SourceText)[] {
  return Array.isArray(sources);
}
