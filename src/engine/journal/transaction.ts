import { randomUUID as randomUuid } from 'node:crypto';
import { type Issue, NodedevError } from '../../errors.ts';
import type { Context } from '../context.ts';
import type { Intent, Journal, OpenEntry } from './journal.ts';
import { needsRecovery, recover } from './recover.ts';
import { Steps, type StepsLog, undoFailed } from './steps.ts';
import { HalfKept, type StoreChange } from '../store/store.ts';

export interface TransactionOptions {
  /** Called after each step, while the lock is held. */
  readonly onStep?: (() => void) | undefined;
  /** True: recovery creates destroyed devices and removed definitions again, because they are part of a larger change. */
  readonly undoesAll?: true | undefined;
}

/**
 * One change of the host and the store, all or none, under the lock. `change` first gives its intents, then makes each
 * change as a step with an undo. When it throws, or the store cannot be written, all steps are undone in reverse order.
 * The first error is thrown; its `issues` are the results of the undo. When the process dies, {@link recover} runs before
 * the next change of any process.
 */
export async function transaction<T>(
  context: Context,
  change: (change: StoreChange, steps: Steps) => T | Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  for (;;) {
    const done = await attempt(context, change, options);
    if (done !== undefined) return done.result;
    await recover(context);
  }
}

/** Tries the change. Returns undefined when recovery from a dead process must run first. */
async function attempt<T>(
  context: Context,
  change: (change: StoreChange, steps: Steps) => T | Promise<T>,
  { onStep, undoesAll }: TransactionOptions,
): Promise<{ readonly result: T } | undefined> {
  const { journal, store, signal } = context;
  const id = randomUuid();
  const steps = new Steps(logOf(context, id, undoesAll), onStep);
  const undo = async (): Promise<readonly Issue[]> => {
    const { issues, isComplete } = await steps.undo();
    // What could not be undone is recovery's: the entry stays.
    return steps.begun && isComplete ? [...issues, ...removeEntry(journal, id)] : issues;
  };
  const done = await store.write(async (storeChange) => {
    if (needsRecovery(context, storeChange)) return undefined;
    try {
      const result = await change(storeChange, steps);
      const isOther = steps.ran || storeChange.isOther();
      if (steps.begun) storeChange.settle(id, steps.endsWithBoot);
      storeChange.keep();
      return { result, isOther };
    } catch (error) {
      if (error instanceof HalfKept) throw error; // then recovery decides by the journal's entry
      throw withIssues(error, await undo()); // here, because we still hold the lock
    }
  }, signal);
  if (steps.begun) forgetEntry(journal, id);
  if (done?.isOther === true) context.onChange?.();
  return done;
}

/** The journal entry of one operation. */
function logOf({ host, journal }: Context, id: string, undoesAll: true | undefined): StepsLog {
  let steps = 0;
  const entryOf = (intents: readonly Intent[]): OpenEntry => {
    return { id, boot: host.bootId(), intents, undoesAll, steps, isUndone: false };
  };
  return {
    keep: (intents) => {
      journal.write(entryOf(intents));
    },
    leave: (intents) => {
      journal.write({ ...entryOf(intents), undoesAll: true, isUndone: true });
    },
    mark: (what) => {
      journal.mark(id, what);
      if (what === 'step') steps += 1;
    },
  };
}

/** Removes the entry after an undo. If this fails, recovery runs once more, which does no harm. */
function removeEntry(journal: Journal, id: string): readonly Issue[] {
  try {
    journal.remove(id, { durably: true });
    return [];
  } catch (error) {
    return [undoFailed(`wrote the journal entry ${id}`, error)];
  }
}

/** Removes the entry of a complete operation. */
function forgetEntry(journal: Journal, id: string): void {
  try {
    journal.remove(id);
  } catch {
    // The next change removes it, because the store says that it is complete.
  }
}

function withIssues(error: unknown, issues: readonly Issue[]): unknown {
  return error instanceof NodedevError ? error.withIssues(issues) : error;
}
