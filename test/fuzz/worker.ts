import { parentPort, workerData } from 'node:worker_threads';
import { fuzzCases } from './inputs.ts';
import { problemWith } from './targets.ts';

/** What the worker is started with. */
export interface Task {
  readonly first: number;
  /** [number of the input at work, inputs done]: the main thread sees where a worker hangs. */
  readonly progress: Int32Array;
}

/** What a worker says of an input that did not end as it should. */
export interface Finding {
  readonly number: number;
  readonly kind: string;
  readonly problem: string;
}

const { first, progress }: Task = workerData;
const caseOf = fuzzCases();
for (let number = first; ; number = (number + 1) % 2 ** 31) {
  Atomics.store(progress, 0, number);
  const { kind, input } = caseOf(number);
  const problem = problemWith(kind, input);
  const finding = problem === undefined ? undefined : ({ number, kind, problem } satisfies Finding);
  if (finding !== undefined) parentPort?.postMessage(finding, []);
  Atomics.add(progress, 1, 1);
}
