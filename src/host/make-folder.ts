import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a directory, and those above it, where there is none. Not with mkdirSync's own `recursive`: below a file
 * system that makes no directories, such as /proc, Node 20 never comes back from it. Throws what Node throws.
 */
export function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  const above = dirname(folder);
  if (above !== folder) makeFolder(above);
  try {
    mkdirSync(folder, { mode: 0o755 });
  } catch (error) {
    // Another process can have been faster.
    if (!existsSync(folder)) throw error;
  }
}
