import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { uriOfWord } from '../../engine/uri-of-word.ts';
import type { Fleet } from '../../fleet/fleet.ts';
import { hostTwice } from '../../fleet/messages.ts';
import { parseFleet } from '../../fleet/parse-fleet.ts';
import { type InputFile, readSource } from '../files.ts';
import type { Io } from '../io.ts';
import { xmlFiles } from '../xml-files.ts';

/**
 * The hosts of a file, or of all `*.xml` below a folder. Directories in their URIs (`sim:gpu1`) are relative to the file.
 *
 * @throws NodedevError `fleet-invalid`, FileError
 */
export async function loadFleet(io: Io, name: string): Promise<Fleet> {
  const path = resolve(io.cwd, name);
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) return readFleet(io, name);
  const { files, unreadable } = await xmlFiles(io, [name]);
  const [failure] = unreadable;
  if (failure !== undefined) throw failure;
  const parts: Fleet[] = [];
  for (const { file } of files) parts.push(await readFleet(io, file));
  const hosts = parts.flatMap((part) => part.hosts);
  const names = new Set<string>();
  for (const { name: host } of hosts) {
    if (names.has(host)) throw hostTwice(host);
    names.add(host);
  }
  return { hosts, warnings: parts.flatMap(({ warnings }) => warnings) };
}

async function readFleet(io: Io, file: InputFile): Promise<Fleet> {
  const source = await readSource(io, file);
  const { hosts, warnings } = await parseFleet(source.text, { file: source.file });
  const folder = dirname(resolve(io.cwd, source.file ?? ''));
  return {
    hosts: hosts.map((host) => ({ ...host, uri: uriOfWord(host.uri, folder) ?? host.uri })),
    warnings,
  };
}
