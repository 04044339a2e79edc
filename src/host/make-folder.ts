import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { modeIn } from './shared-folder.ts';

/**
 * Creates a directory and those above it, if missing. mkdirSync's own `recursive` is not used: in a file system without
 * mkdir, such as /proc, it never returns in Node 20. A group that may write above it may write in it, if the umask says so.
 * Throws Node's errors.
 */
export function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  const above = dirname(folder);
  if (above !== folder) makeFolder(above);
  try {
    mkdirSync(folder, { mode: modeIn(above, 0o755) });
  } catch (error) {
    // Another process may have been faster.
    if (!existsSync(folder)) throw error;
  }
}
