import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'rolldown';
import config from '../../rolldown.config.ts';

/** The bundled command's file, built before when a source is newer. */
export async function builtCommand(): Promise<string> {
  const file = resolve('dist/cli/bin.js');
  if (!existsSync(file) || statSync(file).mtimeMs < newestSource()) {
    await build(config);
  }
  return file;
}

function newestSource(): number {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' });
  const paths = ['rolldown.config.ts', ...files.map((file) => join('src', file))];
  return Math.max(...paths.map((path) => statSync(path).mtimeMs));
}
