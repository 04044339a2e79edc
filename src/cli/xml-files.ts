import { readdir, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { FileError, UsageError } from './failures.ts';
import { STANDARD } from './files.ts';
import type { Io } from './io.ts';
import * as messages from './messages.ts';

/**
 * The files of the names given, each once: a directory stands for every `*.xml` in it and below it, sorted. Links
 * inside a directory are not followed, so that there are no cycles and no file is found twice.
 *
 * @throws FileError for what cannot be opened; UsageError for a directory without any such file
 */
export async function xmlFiles(io: Io, names: readonly string[]): Promise<readonly string[]> {
  const files = new Map<string, string>();
  for (const name of names) {
    for (const file of await filesOf(io, name)) {
      const key = file === STANDARD ? file : resolve(io.cwd, file);
      if (!files.has(key)) files.set(key, file);
    }
  }
  return [...files.values()];
}

async function filesOf(io: Io, name: string): Promise<readonly string[]> {
  if (name === STANDARD) return [name];
  const status = await stat(resolve(io.cwd, name)).catch(failed(name));
  if (!status.isDirectory()) return [name];
  const found = await filesBelow(io, name.replace(/(?<=.)\/+$/, ''));
  if (found.length === 0) throw new UsageError(messages.noXmlFiles(name));
  return found.toSorted();
}

async function filesBelow(io: Io, folder: string): Promise<readonly string[]> {
  const entries = await readdir(resolve(io.cwd, folder), { withFileTypes: true }).catch(
    failed(folder),
  );
  const found: string[] = [];
  for (const entry of entries) {
    const name = folder === '/' ? `/${entry.name}` : `${folder}/${entry.name}`;
    if (entry.isDirectory()) found.push(...(await filesBelow(io, name)));
    else if (entry.isFile() && entry.name.endsWith('.xml')) found.push(name);
  }
  return found;
}

function failed(name: string): (error: NodeJS.ErrnoException) => never {
  return (error) => {
    throw new FileError('open', name, error);
  };
}
