import { NodedevError } from '../../errors.ts';
import { findFile, type Place } from './folder.ts';
import { type DefinitionRef, readBytes } from './read.ts';

/** A hash of a content. By it the journal knows whether a file is still the one that was written or is to be removed. */
export function fingerprintOf(content: string | Uint8Array): string {
  // Loaded here, because otherwise every command would load it.
  const { createHash } = process.getBuiltinModule('node:crypto');
  return createHash('sha256').update(content).digest('hex');
}

/** The fingerprint of a directory, a FIFO, a link or a huge file in the place of a definition. */
const UNREADABLE = 'unreadable';

/**
 * The fingerprint of a definition's file as it is now; undefined when there is none.
 *
 * @throws NodedevError permission-denied, store-failed
 */
export function fileFingerprint(
  root: string,
  { parent, uuid }: DefinitionRef,
  place?: Place,
): string | undefined {
  const path = findFile(root, parent, uuid, place);
  try {
    const file = path === undefined ? undefined : readBytes(path);
    return file && fingerprintOf(file.bytes);
  } catch (error) {
    if (error instanceof NodedevError && error.code === 'definition-invalid') return UNREADABLE;
    throw error;
  }
}
