import type { NodeDevice } from '../nodedev/device.ts';
import { parseNodeDevices } from '../nodedev/parse.ts';
import type { Sources, SourceText } from './types.ts';

/** All node devices of one or several documents, in order. */
export function parseSources(sources: Sources): readonly NodeDevice[] {
  return sourceList(sources).flatMap(({ text, file }) => parseNodeDevices(text, { file }));
}

/** One source or several, as a list. */
export function sourceList(sources: Sources): readonly SourceText[] {
  const list = isList(sources) ? sources : [sources];
  return list.map((source) => (typeof source === 'string' ? { text: source } : source));
}

/** Array.isArray does not narrow readonly arrays. */
function isList(sources: Sources): sources is readonly (string | SourceText)[] {
  return Array.isArray(sources);
}
