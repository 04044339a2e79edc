import { v4 as randomUuid } from 'uuid';
import { type Issue, NodedevError } from '../../errors.ts';
import type { Context } from '../context.ts';
import type { Journal } from './journal.ts';
import { openEntries, recover } from './recover.ts';
import { Steps, type StepsLog, undoFailed } from './steps.ts';
import { HalfKept, type StoreChange } from '../store/store.ts';

export interface TransactionOptions {
  /** Called after each step, while the lock is held. */
  readonly onStep?: (() => void) | undefined;
  /** What it destroys and undefines is part of something larger: recovery brings that back instead of finishing it. */
  readonly undoesAll?: true | undefined;
}

/**
 * One change of the host and the store, all or none, while no other process of ours changes anything: `change` says
 * what it intends, then does each thing as a step with its undo. When it throws, or the store cannot keep what it
 * did, every step is undone in reverse order; the first error is the one thrown, and its `issues` tell what came of
 * the undo. When the process dies, the next one recovers: see {@link recover}, which runs before every change.
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

/** Undefined: a process died, and left something to recover first. */
async function attempt<T>(
  context: Context,
  change: (change: StoreChange, steps: Steps) => T | Promise<T>,
  { onStep, undoesAll }: TransactionOptions,
): Promise<{ readonly result: T } | undefined> {
  const { journal, store, signal } = context;
  const id = randomUuid();
  const steps = new Steps(logOf(context, id, undoesAll), onStep);
  const undo = async (): Promise<readonly Issue[]> => {
    const issues = await steps.undo();
    return steps.begun ? [...issues, ...removeEntry(journal, id)] : issues;
  };
  const done = await store.write(async (storeChange) => {
    if (openEntries(context, storeChange).length > 0) return undefined;
    try {
      const result = await change(storeChange, steps);
      if (steps.begun) storeChange.settle(id);
      storeChange.keep();
      return { result };
    } catch (error) {
      if (error instanceof HalfKept) throw error; // then the journal's entry decides
      throw withIssues(error, await undo()); // here, because the lock is still ours
    }
  }, signal);
  if (steps.begun) forgetEntry(journal, id);
  return done;
}

/** The journal entry of one operation. */
function logOf({ host, journal }: Context, id: string, undoesAll: true | undefined): StepsLog {
  let steps = 0;
  return {
    keep: (intents) => {
      journal.write({ id, boot: host.bootId(), intents, undoesAll, steps, isUndone: false });
    },
    mark: (what) => {
      journal.mark(id, what);
      if (what === 'step') steps += 1;
    },
  };
}

/** After an undo: what stays in the journal is recovered once more. */
function removeEntry(journal: Journal, id: string): readonly Issue[] {
  try {
    journal.remove(id, { durably: true });
    return [];
  } catch (error) {
    return [undoFailed(`wrote the journal entry ${id}`, error)];
  }
}

/** After a change the store has kept: an entry it calls settled is removed by the next change as well. */
function forgetEntry(journal: Journal, id: string): void {
  try {
    journal.remove(id);
  } catch {
    // see above
  }
}

function withIssues(error: unknown, issues: readonly Issue[]): unknown {
  return error instanceof NodedevError ? error.withIssues(issues) : error;
}
