import type { NodeDevice } from '../nodedev/device.ts';
import { parseNodeDevices } from '../nodedev/parse.ts';
import type { CreateOptions, Sources, SourceText } from './types.ts';

/** The node devices of documents, held against the schema first where that is wanted. */
export async function readDevices(
  sources: Sources,
  { validate = false }: CreateOptions = {},
): Promise<readonly NodeDevice[]> {
  if (validate) {
    const { refuseInvalid } = await import('./validate/refuse-invalid.ts');
    refuseInvalid(sources);
  }
  return parseSources(sources);
}

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
