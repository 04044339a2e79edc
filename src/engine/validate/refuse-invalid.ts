import { NodedevError } from '../../errors.ts';
import type { XmlElement } from '../../xml/element.ts';
import { validateNodeDeviceTree } from './document.ts';

/**
 * Refuses node device documents that the schema does not allow.
 *
 * @throws NodedevError `nodedev-invalid` with all mistakes of all documents in `issues`
 */
export function refuseInvalid(roots: readonly XmlElement[]): void {
  const issues = roots.flatMap((root) => validateNodeDeviceTree(root));
  const [first] = issues;
  if (first === undefined) return;
  const { message, location, hint } = first;
  throw new NodedevError('nodedev-invalid', message, { location, hint, issues });
}
