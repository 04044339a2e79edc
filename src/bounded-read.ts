import {
  closeSync,
  constants,
  type Dirent,
  fstatSync,
  opendirSync,
  openSync,
  readSync,
  type Stats,
  statSync,
} from 'node:fs';

/** The size limit of files below a host's root and of schemas. Those of libvirt, the kernel and ours are much smaller. */
export const MAX_FILE_BYTES = 16 * 1024 * 1024;

/** The size limit of our own files, which have some 300 bytes for a device. */
export const MAX_OWN_FILE_BYTES = 256 * 1024 * 1024;

/** The most entries of a folder below a host's root that are listed. */
export const MAX_ENTRIES = 1_000_000;

/** One buffer for all reads. They are synchronous, and callers get a copy. */
const chunk = Buffer.allocUnsafe(64 * 1024);

/**
 * Reads the rest of an open file, which may have at most `limit` bytes. At most one more byte is read, so that an endless
 * device or a growing file cannot use up the memory.
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
 * Reads a whole regular file; links are followed. Anything else is refused by its type, without waiting.
 *
 * @throws Error as {@link readToEnd}, with the code EINVAL for what is no file, and Node's own
 */
export function readRegularFile(path: string, limit = MAX_FILE_BYTES): Buffer {
  requireFile(statSync(path)); // opening some devices has an effect
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    requireFile(fstatSync(descriptor));
    return readToEnd(descriptor, limit);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * The entries of a folder, sorted as `readdirSync` sorts them; at most one more than `limit` is read.
 *
 * @throws Error as {@link readToEnd}, with the code E2BIG, and Node's own
 */
export function readFolder(path: string, limit = MAX_ENTRIES): readonly Dirent[] {
  const folder = opendirSync(path, { bufferSize: 1024 });
  try {
    const entries: Dirent[] = [];
    for (;;) {
      const entry = folder.readSync();
      if (entry === null) return entries.toSorted((a, b) => (a.name < b.name ? -1 : 1));
      if (entries.length === limit) {
        throw Object.assign(new Error(`more than ${limit} entries`), { code: 'E2BIG' });
      }
      entries.push(entry);
    }
  } finally {
    folder.closeSync();
  }
}

/** Refuses anything but files. A directory passes, because reading it gives its own error. */
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
