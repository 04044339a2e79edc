import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The bundled command's file. */
export const builtCommand = resolve('dist/cli/bin.js');

/** Builds the command when a source is newer: before all tests, since several of them run it at the same time. */
export function setup(): void {
  if (!existsSync(builtCommand) || statSync(builtCommand).mtimeMs < newestSource()) {
    execFileSync('node_modules/.bin/rolldown', ['-c'], { stdio: 'pipe' });
  }
}

function newestSource(): number {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' });
  const paths = ['rolldown.config.ts', ...files.map((file) => join('src', file))];
  return Math.max(...paths.map((path) => statSync(path).mtimeMs));
}
