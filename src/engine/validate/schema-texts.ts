import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../host/package-root.ts';

// A module of its own: where there are no files, the build puts one here that has the texts in it.

/** The text of a file of `schemas/`. */
export function schemaText(name: string): string {
  return readFileSync(join(packageRoot(), 'schemas', name), 'utf8');
}
