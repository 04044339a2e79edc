import { NodedevError } from '../errors.ts';

/** The error of a call whose signal was aborted: `aborted`, or the signal's reason if that is a NodedevError. */
export function abortError({ reason }: AbortSignal): NodedevError {
  if (reason instanceof NodedevError) return reason;
  return new NodedevError('aborted', 'the call was aborted', {
    hint: 'nothing was changed',
    cause: reason,
  });
}

/** @throws NodedevError `aborted` */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw abortError(signal);
}
