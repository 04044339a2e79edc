import { CALLS, type SimulatedCall } from '../host/simulated/calls.ts';
import { UsageError } from './failures.ts';
import * as messages from './messages.ts';

/** The call of a word of the command line. @throws UsageError */
export function callOf(word: string): SimulatedCall {
  const call = CALLS.find((each) => each === word);
  if (call === undefined) throw new UsageError(messages.callUnknown(word, CALLS));
  return call;
}
