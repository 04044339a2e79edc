import type { Issue } from '../../errors.ts';
import type { Intent } from './journal.ts';

/** Where an operation's intents and its progress are kept, so that they survive this process. */
export interface StepsLog {
  /** All intents so far: durable before it returns. */
  keep(intents: readonly Intent[]): void;
  /** Another step begins, or the undo of all. */
  mark(what: 'step' | 'undo'): void;
}

/** Takes back what a step did. */
type Undo = () => void | Promise<void>;

/** Changes with their undos: all of them, or none. */
export class Steps {
  readonly #undos: { readonly what: string; readonly undo: Undo }[] = [];
  readonly #log: StepsLog;
  readonly #onStep: () => void;
  #intents: readonly Intent[] = [];

  /** @param onStep called after each step; what it throws, the step has thrown */
  constructor(log: StepsLog, onStep: () => void = () => undefined) {
    this.#log = log;
    this.#onStep = onStep;
  }

  /** Whether anything may have been changed. */
  get begun(): boolean {
    return this.#intents.length > 0;
  }

  /** Says durably what the following steps are going to do: before the first of them. */
  intend(intents: readonly Intent[]): void {
    if (intents.length === 0) return;
    // First, because what could not be kept may stand in the journal all the same.
    this.#intents = [...this.#intents, ...intents];
    this.#log.keep(this.#intents);
  }

  /** Runs `change`; from then on `undo` takes it back. `what` completes "undone: …" and "could not undo: …". */
  run(what: string, change: () => void, undo: Undo): void {
    if (!this.begun) throw new Error(`not in the journal: ${what}`);
    this.#log.mark('step');
    change();
    this.#undos.push({ what, undo });
    this.#onStep();
  }

  /** Takes everything back, each change once and in reverse order, and tells what came of it. Throws nothing. */
  async undo(): Promise<readonly Issue[]> {
    const undos = this.#undos.splice(0).toReversed();
    const issues = undos.length === 0 ? [] : [...this.#markUndo()];
    for (const { what, undo } of undos) {
      try {
        await undo();
        issues.push({ code: 'undone', severity: 'warning', message: `undone: ${what}` });
      } catch (cause) {
        issues.push(undoFailed(what, cause));
      }
    }
    return issues;
  }

  /** A full disk must not keep the host from being put right. */
  #markUndo(): readonly Issue[] {
    try {
      this.#log.mark('undo');
      return [];
    } catch (cause) {
      return [undoFailed('marked the journal entry', cause)];
    }
  }
}

/** What an undo could not put back, as a finding beside the error it was for. */
export function undoFailed(what: string, cause: unknown): Issue {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return { code: 'undo-failed', severity: 'error', message: `could not undo: ${what}: ${reason}` };
}
