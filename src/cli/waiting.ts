import { Worker } from 'node:worker_threads';
import type { Io } from './io.ts';

/** Tells that a command lasts, until it prints or asks for something. */
export class Waiting {
  /** For the command. */
  readonly io: Io;
  readonly #begin: Io['showWaiting'];
  #end: (() => void) | undefined;

  constructor(io: Io) {
    const ending =
      <Args extends readonly unknown[], Result>(act: (...args: Args) => Result) =>
      (...args: Args): Result => {
        this.end();
        return act(...args);
      };
    this.#begin = io.showWaiting;
    this.io = {
      ...io,
      stdout: ending(io.stdout),
      stderr: ending(io.stderr),
      stdin: ending(io.stdin),
      page: io.page && ending(io.page),
    };
  }

  begin(command: string): void {
    this.#end = this.#begin?.(command);
  }

  end(): void {
    this.#end?.();
    this.#end = undefined;
  }
}

/** What the thread and we agree on, in one shared number. */
const [QUIET, WRITING, ENDED] = [0, 1, 2] as const;

/**
 * Runs beside the command, whose own thread may be busy for seconds. It writes between two changes of the state only, so
 * that nothing is written after the end.
 */
const CLOCK = `
const { writeSync } = require('node:fs');
const { workerData: { state, command } } = require('node:worker_threads');
for (let seconds = 1; Atomics.wait(state, 0, ${QUIET}, 1000) === 'timed-out'; seconds += 1) {
  if (Atomics.compareExchange(state, 0, ${QUIET}, ${WRITING}) !== ${QUIET}) break;
  try { writeSync(2, '\\r' + command + ': ' + seconds + ' s'); } catch {}
  Atomics.store(state, 1, 1);
  Atomics.compareExchange(state, 0, ${WRITING}, ${QUIET});
  Atomics.notify(state, 0);
}`;

/** From its second second on, shows on the terminal of standard error how long a command lasts. Returns what ends and removes that. */
export function showWaiting(command: string): () => void {
  const state = new Int32Array(new SharedArrayBuffer(8));
  const worker = new Worker(CLOCK, { eval: true, workerData: { state, command } });
  worker.unref();
  worker.on('error', () => undefined);
  return () => {
    while (Atomics.compareExchange(state, 0, QUIET, ENDED) === WRITING) {
      Atomics.wait(state, 0, WRITING, 100);
    }
    Atomics.notify(state, 0);
    if (Atomics.exchange(state, 1, 0) === 1) process.stderr.write('\r\x1b[K');
  };
}
