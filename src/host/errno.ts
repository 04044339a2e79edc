import { constants } from 'node:os';
import { HostError } from './host.ts';

/**
 * Errnos of the kernel's device drivers that are missing in Node's error codes and in `os.constants`. For these Node gives
 * `UNKNOWN`. Numbers as in the kernel's include/uapi/asm-generic/errno.h.
 */
const UNNAMED: ReadonlyMap<number, string> = new Map([
  [87, 'EUSERS'],
  [121, 'EREMOTEIO'],
  [123, 'ENOMEDIUM'],
  [133, 'EHWPOISON'],
]);

/** The name of an errno (a positive number); `E133` when it has no known name. */
export function errnoName(errno: number): string {
  const known = Object.entries(constants.errno).find(([, value]) => value === errno);
  return known?.[0] ?? UNNAMED.get(errno) ?? `E${errno}`;
}

/** The number of an errno's name, positive, as {@link errnoName} names it; undefined for what is no such name. */
export function errnoNumber(name: string): number | undefined {
  const known = Object.entries(constants.errno).find(([each]) => each === name)?.[1];
  const unnamed = [...UNNAMED].find(([, each]) => each === name)?.[0];
  const digits = /^E(\d+)$/.exec(name)?.[1];
  return known ?? unnamed ?? (digits === undefined ? undefined : Number(digits));
}

/** Turns an error of `node:fs` into a {@link HostError}. Other errors are thrown again. */
export function hostErrorFrom(cause: unknown, path: string, written?: string): HostError {
  if (cause instanceof HostError) return cause;
  if (!(cause instanceof Error) || !('code' in cause) || typeof cause.code !== 'string')
    throw cause;
  const unnamed = cause.code === 'UNKNOWN' && 'errno' in cause && typeof cause.errno === 'number';
  const errno = unnamed ? errnoName(-Number(cause.errno)) : cause.code;
  return new HostError(errno, path, { written, cause });
}

/** Whether an error says that the file or device no longer exists (ENODEV: it was removed after it was opened). */
export function isGone(error: unknown): boolean {
  return error instanceof HostError && (error.errno === 'ENOENT' || error.errno === 'ENODEV');
}
