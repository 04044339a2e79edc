import type { Issue } from '../errors.ts';
import type { Intent } from './journal.ts';

/** Changes with their undos: all of them, or none. */
export class Steps {
  readonly #undos: { readonly what: string; readonly undo: () => void }[] = [];
  readonly #keep: (intents: readonly Intent[]) => void;
  #intents: readonly Intent[] = [];

  /** @param keep puts all intents so far where they survive this process, before it returns */
  constructor(keep: (intents: readonly Intent[]) => void) {
    this.#keep = keep;
  }

  /** Whether anything may have been changed. */
  get begun(): boolean {
    return this.#intents.length > 0;
  }

  /** Says durably what the following steps are going to do: before the first of them. */
  intend(intents: readonly Intent[]): void {
    if (intents.length === 0) return;
    this.#keep([...this.#intents, ...intents]);
    this.#intents = [...this.#intents, ...intents];
  }

  /** Runs `change`; from then on `undo` takes it back. `what` completes "undone: …" and "could not undo: …". */
  run(what: string, change: () => void, undo: () => void): void {
    if (!this.begun) throw new Error(`not in the journal: ${what}`);
    change();
    this.#undos.push({ what, undo });
  }

  /** Takes everything back, each change once and in reverse order, and tells what came of it. Throws nothing. */
  undo(): readonly Issue[] {
    return this.#undos
      .splice(0)
      .toReversed()
      .map(({ what, undo }): Issue => {
        try {
          undo();
          return { code: 'undone', severity: 'warning', message: `undone: ${what}` };
        } catch (cause) {
          const reason = cause instanceof Error ? cause.message : String(cause);
          const message = `could not undo: ${what}: ${reason}`;
          return { code: 'undo-failed', severity: 'error', message };
        }
      });
  }
}
