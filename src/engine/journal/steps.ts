import { setTimeout as sleep } from 'node:timers/promises';
import type { Issue } from '../../errors.ts';
import type { Intent } from './journal.ts';

/** How often, and with which pause, a change is tried that the host may accept soon: about ten seconds in all. */
const MOST_TRIES = 10;
const PAUSE_MS = 1000;

/** Keeps an operation's intents and progress, so that they survive this process. */
export interface StepsLog {
  /** Keeps all intents so far. They are on disk when this returns. */
  keep(intents: readonly Intent[]): void;
  /** Notes that another step, or the undo of all steps, begins. */
  mark(what: 'step' | 'undo'): void;
  /** Leaves the rest of the undo to recovery. */
  leave(intents: readonly Intent[]): void;
}

/**
 * Reverts a step. With `failure`, the step threw that: it may have happened all the same, so the host is asked.
 *
 * @returns false: there was nothing to revert
 */
type Undo = (failure: unknown) => unknown;

interface Step {
  readonly what: string;
  readonly undo: Undo;
  failure?: unknown;
}

/** Of an undo: the device was never seen, so it may still appear. */
export class MayAppear extends Error {
  readonly uuid: string;

  constructor(uuid: string) {
    super('it has not appeared; if it does, it is removed then');
    this.uuid = uuid;
  }
}

/** What an undo came to. */
export interface Undone {
  readonly issues: readonly Issue[];
  /** Whether every step was reverted; else the rest is recovery's. */
  readonly isComplete: boolean;
}

/** The steps of a transaction with their undos. */
export class Steps {
  readonly #steps: Step[] = [];
  readonly #log: StepsLog;
  readonly #onStep: () => void;
  #intents: readonly Intent[] = [];

  /** @param onStep called after each step; when it throws, the step has failed */
  constructor(log: StepsLog, onStep: () => void = () => undefined) {
    this.#log = log;
    this.#onStep = onStep;
  }

  /** Whether anything may have been changed. */
  get begun(): boolean {
    return this.#intents.length > 0;
  }

  /** Whether a step was begun, and not undone. */
  get ran(): boolean {
    return this.#steps.length > 0;
  }

  /** Whether all that is intended is about active devices, which end with the boot. */
  get endsWithBoot(): boolean {
    return this.#intents.every((intent) => ['create', 'destroy', 'set'].includes(intent.do));
  }

  /** Keeps the intents of the following steps on disk, before the first of them. */
  intend(intents: readonly Intent[]): void {
    if (intents.length === 0) return;
    // First, because the intents may be in the journal even when keeping them fails.
    this.#intents = [...this.#intents, ...intents];
    this.#log.keep(this.#intents);
  }

  /**
   * Runs `change`. `undo` reverts it later, also when it fails: an error does not say that nothing happened. `what`
   * completes "undone: …" and "could not undo: …".
   */
  run(what: string, change: () => void, undo: Undo): void {
    this.#attempt(this.#begin(what, undo), change);
    this.#onStep();
  }

  /**
   * As {@link run}, for a change that the host may accept some seconds later: it is tried again each second, while
   * `mayPass` says so of its error and there is time.
   */
  async runPatiently(
    what: string,
    change: () => void,
    undo: Undo,
    mayPass: (error: unknown) => boolean,
  ): Promise<void> {
    const step = this.#begin(what, undo);
    for (let tries = MOST_TRIES; ; tries -= 1) {
      try {
        this.#attempt(step, change);
        break;
      } catch (error) {
        if (tries === 1 || !mayPass(error)) throw error;
        await sleep(PAUSE_MS);
      }
    }
    this.#onStep();
  }

  /** As {@link run}, for a change that takes its time. */
  async runLong(what: string, change: () => Promise<void>, undo: Undo): Promise<void> {
    const step = this.#begin(what, undo);
    try {
      await change();
    } catch (error) {
      step.failure = error;
      throw error;
    }
    this.#onStep();
  }

  #begin(what: string, undo: Undo): Step {
    if (!this.begun) throw new Error(`not in the journal: ${what}`);
    this.#log.mark('step');
    const step: Step = { what, undo };
    this.#steps.push(step);
    return step;
  }

  #attempt(step: Step, change: () => void): void {
    step.failure = undefined;
    try {
      change();
    } catch (error) {
      step.failure = error;
      throw error;
    }
  }

  /** Undoes all steps, each once and in reverse order. Throws nothing. */
  async undo(): Promise<Undone> {
    const steps = this.#steps.splice(0).toReversed();
    const issues = steps.length === 0 ? [] : [...this.#markUndo()];
    let isComplete = true;
    for (const { what, undo, failure } of steps) {
      try {
        const isNothing = (await undo(failure)) === false;
        if (!isNothing) {
          issues.push({ code: 'undone', severity: 'warning', message: `undone: ${what}` });
        }
      } catch (cause) {
        isComplete = false;
        if (cause instanceof MayAppear) this.#noteMayAppear(cause);
        issues.push({ ...undoFailed(what, cause), hint: TRIED_AGAIN });
      }
    }
    if (!isComplete) this.#leave();
    return { issues, isComplete };
  }

  #noteMayAppear({ uuid }: MayAppear): void {
    this.#intents = this.#intents.map((intent) =>
      intent.do === 'create' && intent.uuid === uuid ? { ...intent, mayAppear: true } : intent,
    );
  }

  /** If this fails, recovery does what it would after a kill. */
  #leave(): void {
    try {
      this.#log.leave(this.#intents);
    } catch {
      // The entry is as it was.
    }
  }

  /** Marks the undo in the journal. If this fails, as on a full disk, the undo goes on. */
  #markUndo(): readonly Issue[] {
    try {
      this.#log.mark('undo');
      return [];
    } catch (cause) {
      return [undoFailed('marked the journal entry', cause)];
    }
  }
}

const TRIED_AGAIN = 'the next change, or `recover()`, tries again';

/** The issue about a step that could not be undone. */
export function undoFailed(what: string, cause: unknown): Issue {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return { code: 'undo-failed', severity: 'error', message: `could not undo: ${what}: ${reason}` };
}
