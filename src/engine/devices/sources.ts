import type { NodeDevice } from '../../nodedev/device.ts';
import { parseNodeDevices } from '../../nodedev/parse.ts';
import { sourceList } from './source-list.ts';
import type { CreateOptions, Sources } from '../types.ts';

/** The node devices of documents, held against the schema first where that is wanted. */
export async function readDevices(
  sources: Sources,
  { validate = false }: CreateOptions = {},
): Promise<readonly NodeDevice[]> {
  if (validate) {
    const { refuseInvalid } = await import('../validate/refuse-invalid.ts');
    refuseInvalid(sourceList(sources));
  }
  return parseSources(sources);
}

/** All node devices of one or several documents, in order. */
export function parseSources(sources: Sources): readonly NodeDevice[] {
  return sourceList(sources).flatMap(({ text, file }) => parseNodeDevices(text, { file }));
}
