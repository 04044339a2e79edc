import { randomBytes } from 'node:crypto';
import { open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { SourceText } from '../engine/types.ts';
import { FileError } from './failures.ts';
import type { Io } from './io.ts';

/** The name that stands for standard input, or standard output where a file is written. */
export const STANDARD = '-';

/** How messages call a source. */
export function sourceName(file: string): string {
  return file === STANDARD ? '<stdin>' : file;
}

/** Reads a file the user named, or standard input for `-`. */
export async function readSource(io: Io, file: string): Promise<SourceText> {
  if (file === STANDARD) return { text: await io.stdin(), file: sourceName(file) };
  const text = await readFile(resolve(io.cwd, file)).catch(fileError('open', file));
  return { text, file };
}

/**
 * Replaces a file's content: readers see the old or the new file, never a part. Mode and owner stay; of a symbolic
 * link, the file it points to is replaced.
 */
export async function replaceFile(io: Io, file: string, text: string): Promise<void> {
  const failed = fileError('write', file);
  const target = await realpath(resolve(io.cwd, file)).catch(failed);
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

/** Writes a new file with the mode and owner of another, and waits until it is on disk. */
async function writeLike(model: string, file: string, text: string): Promise<void> {
  const { mode, uid, gid } = await stat(model);
  const handle = await open(file, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    if (process.getuid?.() === 0) await handle.chown(uid, gid);
    await handle.chmod(mode);
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
