import { closeSync, constants, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';

/** Above which a file below a host's root, or a schema, is not read; libvirt's, the kernel's and ours are far below. */
export const MAX_FILE_BYTES = 16 * 1024 * 1024;

/** Shared by all reads: they are synchronous, and a copy is handed out. */
const chunk = Buffer.allocUnsafe(64 * 1024);

/**
 * Reads what is left of an open file, which must not be more than `limit` bytes: at most one more is read, so that
 * neither a device without an end nor a file that grows meanwhile takes all memory.
 *
 * @throws Error with the code EFBIG, in the form of Node's own
 */
export function readToEnd(descriptor: number, limit: number): Buffer {
  const parts: Buffer[] = [];
  let size = 0;
  for (;;) {
    const wanted = Math.min(chunk.length, limit + 1 - size);
    const count = readSync(descriptor, chunk, 0, wanted, null);
    if (count === 0) return Buffer.concat(parts, size);
    size += count;
    if (size > limit) throw Object.assign(new Error(tooLarge(limit)), { code: 'EFBIG' });
    parts.push(Buffer.from(chunk.subarray(0, count)));
  }
}

/**
 * Reads a regular file whole; links are followed. What is none is not waited for, and is refused by its type.
 *
 * @throws Error as {@link readToEnd}, with the code EINVAL for what is no file, and Node's own
 */
export function readRegularFile(path: string, limit = MAX_FILE_BYTES): Buffer {
  requireFile(statSync(path)); // to open some devices does something
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    requireFile(fstatSync(descriptor));
    return readToEnd(descriptor, limit);
  } finally {
    closeSync(descriptor);
  }
}

/** A directory has an error of its own when it is read. */
function requireFile(status: Stats): void {
  if (status.isFile() || status.isDirectory()) return;
  throw Object.assign(new Error('not a regular file'), { code: 'EINVAL' });
}

/** `larger than 16 MiB` */
export function tooLarge(limit: number): string {
  const mebibyte = 1024 * 1024;
  return limit % mebibyte === 0
    ? `larger than ${limit / mebibyte} MiB`
    : `larger than ${limit} bytes`;
}
