import type { Issue } from '../../errors.ts';
import type { Intent } from './journal.ts';

/** Keeps an operation's intents and progress, so that they survive this process. */
export interface StepsLog {
  /** Keeps all intents so far. They are on disk when this returns. */
  keep(intents: readonly Intent[]): void;
  /** Notes that another step, or the undo of all steps, begins. */
  mark(what: 'step' | 'undo'): void;
}

/** Reverts a step. */
type Undo = () => void | Promise<void>;

/** The steps of a transaction with their undos. */
export class Steps {
  readonly #undos: { readonly what: string; readonly undo: Undo }[] = [];
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

  /** Runs `change`. `undo` reverts it later. `what` completes "undone: …" and "could not undo: …". */
  run(what: string, change: () => void, undo: Undo): void {
    if (!this.begun) throw new Error(`not in the journal: ${what}`);
    this.#log.mark('step');
    change();
    this.#undos.push({ what, undo });
    this.#onStep();
  }

  /** Undoes all steps, each once and in reverse order. Returns the results, and throws nothing. */
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

/** The issue about a step that could not be undone. */
export function undoFailed(what: string, cause: unknown): Issue {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return { code: 'undo-failed', severity: 'error', message: `could not undo: ${what}: ${reason}` };
}
