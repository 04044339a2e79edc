import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

let known: string | undefined;

/**
 * The folder of this package, which holds samples/ and schemas/: the nearest one with a package.json, whether the
 * code runs from src/, from dist/, or bundled into one file there.
 */
export function packageRoot(): string {
  known ??= findRoot();
  return known;
}

function findRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json')) && folder !== dirname(folder)) {
    folder = dirname(folder);
  }
  return folder;
}
