import { v4 as randomUuid } from 'uuid';
import { type Issue, NodedevError } from '../../errors.ts';
import { ownIdentity } from '../../host/process-identity.ts';
import type { Context } from '../context.ts';
import type { Journal } from './journal.ts';
import { openEntries, recover } from './recover.ts';
import { Steps, type StepsLog, undoFailed } from './steps.ts';
import type { ActiveValues, StoreChange } from '../store/store.ts';

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
 *
 */
export async function transaction<T>(
  context: Context,
  change: (change: StoreChange, steps: Steps) => T,
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
  change: (change: StoreChange, steps: Steps) => T,
  { onStep, undoesAll }: TransactionOptions,
): Promise<{ readonly result: T } | undefined> {
  const { journal, store } = context;
  const id = randomUuid();
  const steps = new Steps(logOf(context, id, undoesAll), onStep);
  const undo = (): readonly Issue[] => {
    const issues = steps.undo();
    return steps.begun ? [...issues, ...removeEntry(journal, id)] : issues;
  };
  let replaced: ActiveValues | undefined;
  let done: { readonly result: T } | undefined;
  try {
    done = await store.write((storeChange) => {
      if (openEntries(context, storeChange).length > 0) return undefined;
      try {
        const result = change(storeChange, steps);
        if (steps.begun) storeChange.settle(id);
        replaced = storeChange.replaced();
        return { result };
      } catch (error) {
        throw withIssues(error, undo()); // here, because the lock is still ours
      }
    });
  } catch (error) {
    if (replaced === undefined || !steps.begun) throw error;
    const values = replaced;
    const issues = await store.write((storeChange) => {
      // Not ours any more when the next process has recovered it, or the store has kept it after all.
      const isOurs = openEntries(context, storeChange).some((entry) => entry.id === id);
      if (!isOurs) return [];
      storeChange.restore(values);
      return undo();
    });
    throw withIssues(error, issues);
  }
  if (steps.begun) forgetEntry(journal, id);
  return done;
}

/** The journal entry of one operation. */
function logOf({ host, journal }: Context, id: string, undoesAll: true | undefined): StepsLog {
  let steps = 0;
  return {
    keep: (intents) => {
      const owner = { process: ownIdentity(), boot: host.bootId() };
      journal.write({ id, ...owner, intents, undoesAll, steps, isUndone: false });
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
