import { randomBytes } from 'node:crypto';
import { open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { SourceText } from '../engine/sources.ts';
import { FileError, UsageError } from './failures.ts';
import { readHead, readPath } from './input.ts';
import type { Io } from './io.ts';
import * as messages from './messages.ts';

/** The name of standard input, and of standard output when a file is written. */
export const STANDARD = '-';

/** A file by name, or one whose name is not UTF-8, with the bytes of its path. */
export type InputFile = string | { readonly name: string; readonly path: Buffer };

/** The name of a source in messages. */
export function sourceName(file: InputFile): string {
  if (typeof file !== 'string') return file.name;
  return file === STANDARD ? '<stdin>' : file;
}

/** The size limit of one document: that of `readXml`. */
const MAX_DOCUMENT = 16 * 1024 * 1024;
/** The size limit of all documents of one command line. */
const MAX_TOTAL = 512 * 1024 * 1024;
/** Seconds without input after which reading ends. It does not apply to a terminal, where documents are typed. */
const SILENCE = 30;

/** Reads a file, or standard input for `-`. */
export async function readSource(io: Io, file: InputFile): Promise<SourceText> {
  return { text: await readInput(io, file), file: sourceName(file) };
}

/** Reads files one after the other, so that only one is open, and adds up their sizes. */
export class Reader {
  readonly #io: Io;
  #left = MAX_TOTAL;
  #hasStandard = false;

  constructor(io: Io) {
    this.#io = io;
  }

  /** @throws FileError; UsageError for standard input a second time, when it is empty */
  async read(file: InputFile): Promise<SourceText> {
    if (file === STANDARD) {
      if (this.#hasStandard) throw new UsageError(messages.standardInputTwice);
      this.#hasStandard = true;
    }
    const text = await readInput(this.#io, file, Math.min(MAX_DOCUMENT, this.#left));
    this.#left -= text.length;
    return { text, file: sourceName(file) };
  }

  /**
   * The first bytes of a file.
   *
   * @throws FileError
   */
  async head(file: InputFile, bytes: number): Promise<Uint8Array> {
    return readHead(pathOf(this.#io, file), bytes).catch(fileError('open', sourceName(file)));
  }
}

/** @throws FileError for the first that cannot be read */
export async function readSources(
  io: Io,
  files: readonly InputFile[],
): Promise<readonly SourceText[]> {
  const reader = new Reader(io);
  const sources: SourceText[] = [];
  for (const file of files) sources.push(await reader.read(file));
  return sources;
}

const pathOf = ({ cwd }: Io, file: InputFile): string | Buffer =>
  typeof file === 'string' ? resolve(cwd, file) : file.path;

/** The bytes of a file or of standard input. More than the limit are refused. */
export async function readInput(
  io: Io,
  file: InputFile,
  bytes = MAX_DOCUMENT,
): Promise<Uint8Array> {
  const limits = { bytes, silence: io.inputTimeout ?? SILENCE };
  const read = file === STANDARD ? io.stdin(limits) : readPath(pathOf(io, file), limits);
  return read.catch(fileError('open', sourceName(file)));
}

/**
 * Replaces a file's content: readers see the old or the new content, never a part. Mode and owner stay. For a symbolic link,
 * its target is replaced.
 *
 * @param orNew whether it may be missing; a new one is its user's alone
 */
export async function replaceFile(
  io: Io,
  file: string,
  text: string,
  orNew = false,
): Promise<void> {
  const failed = fileError('write', file);
  const path = resolve(io.cwd, file);
  const target = await realpath(path).catch((error: NodeJS.ErrnoException) =>
    orNew && error.code === 'ENOENT' ? path : failed(error),
  );
  const temporary = join(
    dirname(target),
    `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`,
  );
  await writeLike(target, temporary, text)
    .then(() => rename(temporary, target))
    .catch(async (error: NodeJS.ErrnoException) => {
      await rm(temporary, { force: true });
      failed(error);
    });
}

/** Writes a file that must not be there yet, and waits until it is on disk. @throws FileError */
export async function writeNewFile(io: Io, file: string, text: string): Promise<void> {
  const failed = fileError('write', file);
  const handle = await open(resolve(io.cwd, file), 'wx').catch(failed);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } catch (error) {
    await rm(resolve(io.cwd, file), { force: true });
    throw error;
  } finally {
    await handle.close();
  }
}

/** Takes files away again. */
export async function removeFiles(io: Io, files: readonly string[]): Promise<void> {
  for (const file of files) await rm(resolve(io.cwd, file), { force: true });
}

/** Writes a new file with the mode and owner of another, and waits until it is on disk. */
async function writeLike(model: string, file: string, text: string): Promise<void> {
  const like = await stat(model).catch(() => undefined);
  const handle = await open(file, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    if (like !== undefined) {
      if (process.getuid?.() === 0) await handle.chown(like.uid, like.gid);
      await handle.chmod(like.mode);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function fileError(
  action: 'open' | 'write',
  file: string,
): (error: NodeJS.ErrnoException) => never {
  return (error) => {
    throw new FileError(action, file, error);
  };
}
