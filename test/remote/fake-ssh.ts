import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { builtCommand } from '../cli/built-command.ts';

/** Makes a program in place of ssh, which starts the server on this machine. Returns its path. */
export function fakeSsh(folder: string): string {
  const path = join(folder, '.ssh-of-the-tests');
  const server = `exec '${process.execPath}' '${builtCommand}' serve --stdio`;
  writeFileSync(path, `#!/bin/sh\n${server}\n`, { mode: 0o755 });
  return path;
}
