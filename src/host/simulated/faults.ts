import * as v from 'valibot';
import { errnoNumber } from '../errno.ts';
import { HostError } from '../host.ts';
import type { Tree } from '../tree.ts';
import { CALLS, type SimulatedCall } from './calls.ts';
import { readList, writeList } from './json-file.ts';
import { FAULTS } from './paths.ts';

/** What a call meets. One call may have both. */
interface Fault {
  readonly call: SimulatedCall;
  /** The errno it fails with; `none`: it is answered as done, and nothing happens. Without: it takes longer. */
  readonly errno?: string | undefined;
  /** How many calls fail. */
  readonly times?: number | undefined;
  /** Milliseconds that it takes longer. */
  readonly delay?: number | undefined;
}

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const shape = v.array(
  v.object({
    call: v.picklist(CALLS),
    errno: v.optional(v.string()),
    times: v.optional(count),
    delay: v.optional(v.pipe(count, v.maxValue(600_000))),
  }),
) satisfies v.GenericSchema<readonly Fault[]>;

const readFaults = (tree: Tree): readonly Fault[] => readList(tree, FAULTS, shape);

/** Whether a word is an errno that a Linux program can meet, by its name, or `none`. From 512 on they are the kernel's own. */
export const isErrno = (word: string): boolean => {
  const number = errnoNumber(word) ?? 0;
  return word === 'none' || (number > 0 && number < 512);
};

/** From now on so many calls fail, instead of what was set of this call before; 0: none. */
export function setFailure(tree: Tree, call: SimulatedCall, errno: string, times: number): void {
  const others = readFaults(tree).filter(
    (fault) => fault.call !== call || fault.errno === undefined,
  );
  writeList(tree, FAULTS, times === 0 ? others : [...others, { call, errno, times }]);
}

/** From now on each of these calls takes so many milliseconds longer; 0: as long as it does. */
export function setDelay(tree: Tree, call: SimulatedCall, delay: number): void {
  const others = readFaults(tree).filter(
    (fault) => fault.call !== call || fault.delay === undefined,
  );
  writeList(tree, FAULTS, delay === 0 ? others : [...others, { call, delay }]);
}

export function clearFaults(tree: Tree): void {
  writeList(tree, FAULTS, []);
}

/**
 * What is set of a call, before it is answered. A failure is counted before it happens.
 *
 * @returns whether the call is to be answered as done, without doing anything
 * @throws HostError with the errno that was set
 */
export function meetFaults(
  tree: Tree,
  call: SimulatedCall,
  path: string,
  written?: string,
): boolean {
  const faults = readFaults(tree);
  const own = faults.filter((fault) => fault.call === call);
  const delay = own.find((fault) => fault.delay !== undefined)?.delay;
  // A write to a kernel's file blocks its thread as well.
  if (delay !== undefined) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, delay);
  const failure = own.find((fault) => fault.errno !== undefined);
  if (failure?.errno === undefined) return false;
  setFailure(tree, call, failure.errno, Math.max(0, (failure.times ?? 1) - 1));
  if (failure.errno === 'none') return true;
  throw new HostError(failure.errno, path, { written });
}
