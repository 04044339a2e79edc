import { NodedevError } from '../errors.ts';

/** What a call is rejected with whose signal was aborted: `aborted`, or a reason that is an error of ours. */
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
