import { KnownDevices } from '../../domain/known-devices.ts';
import type { Issue } from '../../errors.ts';
import type { KnownStates } from '../../relaxng/matcher.ts';
import { EditedDomain } from '../../xml/edited.ts';
import { validateText, validateTree } from './document.ts';
import { withoutIgnored } from './ignore-comments.ts';

/**
 * What finds the issues of one document's texts, one version after the other: those of `validateDocument`. In a domain it looks
 * again only at the devices that changed, and at what is between several of them. It keeps what it needs of the last version.
 */
export function editedDocument(file: string): (text: string) => readonly Issue[] {
  const domain = new EditedDomain(file);
  const devices = new KnownDevices();
  const states: KnownStates = new WeakMap();
  return (text) => {
    const root = domain.read(text);
    return root === undefined
      ? validateText(text, file, (tree) => validateTree(tree))
      : withoutIgnored(text, file, validateTree(root, { known: devices, states }));
  };
}
