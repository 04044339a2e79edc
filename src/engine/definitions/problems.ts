import { NodedevError, type ErrorCode, type Location } from '../../errors.ts';

// The sentences about mistakes in definition files.

/** A file that exists but is no definition. */
export function invalidDefinition(
  file: string | undefined,
  why: string,
  details: {
    readonly location?: Location | undefined;
    readonly hint?: string;
    readonly cause?: unknown;
  } = {},
): NodedevError {
  // A location has the file's name already.
  const message = details.location === undefined ? `${file ?? 'definition'}: ${why}` : why;
  return new NodedevError('definition-invalid', message, {
    location: details.location,
    hint: details.hint ?? (file && 'correct the file, or remove it with undefine'),
    cause: details.cause,
  });
}

/** A name that must not become part of a path. */
export function invalidName(what: string, name: string): NodedevError {
  return new NodedevError(
    'definition-invalid',
    `${what} ${JSON.stringify(name)} is not a valid name`,
    {
      hint: 'names of the kernel have no path in them',
    },
  );
}

export function alreadyDefined(parent: string, uuid: string): NodedevError {
  return new NodedevError('device-defined', `Device ${uuid} on ${parent} already defined`, {
    hint: 'update changes a definition, undefine removes it',
  });
}

export function notDefined(parent: string, uuid: string): NodedevError {
  return new NodedevError('device-undefined', `Mediated device ${parent}/${uuid} is not defined`, {
    hint: "`list({ state: 'all' })` shows what is defined",
  });
}

export function changedMeanwhile(path: string): NodedevError {
  return new NodedevError(
    'definition-changed',
    `${path} was changed by another program meanwhile`,
    {
      hint: 'look at it again, then repeat the update',
    },
  );
}

/** An error of the file system: EACCES, EPERM and EROFS as `permission-denied`, the rest as `store-failed`. */
export function fileError(doing: string, path: string, cause: unknown): NodedevError {
  const errno = errnoOf(cause) ?? 'unknown error';
  const denied = ['EACCES', 'EPERM', 'EROFS'].includes(errno);
  const code: ErrorCode = denied ? 'permission-denied' : 'store-failed';
  return new NodedevError(code, `cannot ${doing} ${path}: ${errno}`, {
    hint: hintFor(errno, path),
    cause,
  });
}

function hintFor(errno: string, path: string): string | undefined {
  if (errno === 'EACCES' || errno === 'EPERM') return deniedHint(path);
  if (errno === 'EROFS') return 'the file system is mounted read-only';
  if (errno === 'ENOSPC' || errno === 'EDQUOT') return 'no space is left; nothing was changed';
  return undefined;
}

/** What to do where this user may not read or write: only the machine's own folders are root's. */
export function deniedHint(path: string): string {
  return /^\/(?:etc\/mdevctl\.d|run\/virt-nodedev|var\/lib\/virt-nodedev)(?:\/|$)/u.test(path)
    ? 'run as root'
    : 'this host is a directory: who may change it is what the rights of its files say';
}

/** The errno's name of an error that Node threw; undefined for other errors. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
