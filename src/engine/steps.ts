import type { Issue } from '../errors.ts';

/** Changes with their undos: all of them, or none. */
export class Steps {
  readonly #undos: { readonly what: string; readonly undo: () => void }[] = [];

  /** Runs `change`; from then on `undo` takes it back. `what` completes "undone: …" and "could not undo: …". */
  run(what: string, change: () => void, undo: () => void): void {
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
