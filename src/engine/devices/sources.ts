import type { NodeDevice } from '../../nodedev/device.ts';
import { parseNodeDevicesElement, readNodeDeviceXml } from '../../nodedev/parse.ts';
import type { XmlElement } from '../../xml/element.ts';
import { sourceList } from './source-list.ts';
import type { CreateOptions } from '../call-options.ts';
import type { Sources, SourceText } from '../sources.ts';

/** The node devices of documents, which are validated first if `validate` is set. */
export async function readDevices(
  sources: Sources,
  { validate = false }: CreateOptions = {},
): Promise<readonly NodeDevice[]> {
  if (!validate)
    return sourceList(sources).flatMap((source) => parseNodeDevicesElement(read(source)));
  const { refuseInvalid } = await import('../validate/refuse-invalid.ts');
  const roots = sourceList(sources).map(read);
  refuseInvalid(roots);
  return roots.flatMap(parseNodeDevicesElement);
}

function read({ text, file }: SourceText): XmlElement {
  return readNodeDeviceXml(text, { file });
}
