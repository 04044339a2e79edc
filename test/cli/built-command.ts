import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The bundled command's file, built before when a source is newer. */
export function builtCommand(): string {
  const file = resolve('dist/cli/bin.js');
  if (!existsSync(file) || statSync(file).mtimeMs < newestSource()) {
    execFileSync('node_modules/.bin/rolldown', ['-c'], { stdio: 'pipe' });
  }
  return file;
}

function newestSource(): number {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' });
  const paths = ['rolldown.config.ts', ...files.map((file) => join('src', file))];
  return Math.max(...paths.map((path) => statSync(path).mtimeMs));
}
