import { getSystemErrorMap } from 'node:util';
import type { NodedevError } from '../errors.ts';

/** A mistake in the command line itself: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

/** A failure in mdevctl's words: exit code 1, and what this program says of it (the cause) after them. */
export class MdevctlError extends Error {
  override readonly name = 'MdevctlError';
  readonly hint: string | undefined;

  constructor(
    sentence: string,
    details: { readonly cause?: NodedevError; readonly hint?: string | undefined } = {},
  ) {
    super(sentence, details.cause === undefined ? undefined : { cause: details.cause });
    this.hint = details.hint;
  }
}

/** A file in the command line that could not be read or written: exit code 1, in virsh's words. */
export class FileError extends Error {
  override readonly name = 'FileError';
  readonly file: string;

  constructor(action: 'open' | 'read' | 'write', file: string, cause: NodeJS.ErrnoException) {
    super(`Failed to ${action} file '${file}': ${systemMessage(cause)}`, { cause });
    this.file = file;
  }
}

/** `No such file or directory` for an ENOENT. */
function systemMessage({ code, errno, message }: NodeJS.ErrnoException): string {
  if (code === 'EISDIR') return 'Is a directory'; // libuv's sentence differs from that of the C library
  const text = errno === undefined ? undefined : getSystemErrorMap().get(errno)?.[1];
  return text === undefined ? message : text.charAt(0).toUpperCase() + text.slice(1);
}
