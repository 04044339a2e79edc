import { NodedevError } from '../../errors.ts';
import { readXml } from '../../xml/read.ts';
import type { SourceText } from '../types.ts';
import { validateNodeDeviceTree } from './document.ts';

/**
 * Refuses node device documents that the schema does not allow, before anything is made of them.
 *
 * @throws NodedevError `nodedev-invalid` with all mistakes of all documents in `issues`; the reader's `xml-…` codes
 */
export function refuseInvalid(sources: readonly SourceText[]): void {
  const issues = sources.flatMap(({ text, file }) =>
    validateNodeDeviceTree(readXml(text, { file }).root),
  );
  const [first] = issues;
  if (first === undefined) return;
  const { message, location, hint } = first;
  throw new NodedevError('nodedev-invalid', message, { location, hint, issues });
}
