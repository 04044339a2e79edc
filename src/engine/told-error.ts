import { NodedevError } from '../errors.ts';
import { HostError } from '../host/host.ts';
import { fileError } from './definitions/problems.ts';
import { problem } from './devices/list.ts';

/** What the kernel refused to let us read, of a host or a file of this package, as a NodedevError; others are as they are. */
export function asOurs(error: unknown): unknown {
  if (error instanceof HostError) return problem(error);
  if (!(error instanceof Error && 'syscall' in error)) return error;
  // What is read or closed is an open file: the error does not say which.
  const path = 'path' in error ? String(error.path) : 'an open file';
  return fileError(String(error.syscall), path, error);
}

/** An error that is told beside a result. @throws what is no refusal */
export function toldError(error: unknown): NodedevError {
  const ours = asOurs(error);
  if (ours instanceof NodedevError) return ours;
  throw ours;
}
