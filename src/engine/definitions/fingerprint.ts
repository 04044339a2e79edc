import { NodedevError } from '../../errors.ts';
import { findFile } from './folder.ts';
import { type DefinitionRef, readBytes } from './read.ts';

/** Tells contents apart: the journal knows by it whether a file is still what was written, or was to be removed. */
export function fingerprintOf(content: string | Uint8Array): string {
  // Loaded here, because every listing would load it otherwise.
  const { createHash } = process.getBuiltinModule('node:crypto');
  return createHash('sha256').update(content).digest('hex');
}

/** Of what stands in a definition's place and has no content to read: a directory, a FIFO, a link, a huge file. */
const UNREADABLE = 'unreadable';

/**
 * Of a definition's file as it is now; undefined when there is none.
 *
 * @throws NodedevError permission-denied, store-failed
 */
export function fileFingerprint(root: string, { parent, uuid }: DefinitionRef): string | undefined {
  const path = findFile(root, parent, uuid);
  try {
    const file = path === undefined ? undefined : readBytes(path);
    return file && fingerprintOf(file.bytes);
  } catch (error) {
    if (error instanceof NodedevError && error.code === 'definition-invalid') return UNREADABLE;
    throw error;
  }
}
