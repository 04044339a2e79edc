import { NodedevError } from '../errors.ts';
import type { Context } from './context.ts';
import { Steps } from './steps.ts';
import type { StoreChange } from './store.ts';

/**
 * One change of the host and the store, all or none, while no other process of ours changes anything: `change` does
 * each thing as a step with its undo. When it throws, or the store cannot keep what it did, every step is undone in
 * reverse order; the first error is the one thrown, and its `issues` tell what came of the undo.
 */
export async function transaction<T>(
  { store }: Context,
  change: (change: StoreChange, steps: Steps) => T,
): Promise<T> {
  const steps = new Steps();
  const undone = (error: unknown): unknown => {
    const issues = steps.undo();
    return error instanceof NodedevError ? error.withIssues(issues) : error;
  };
  try {
    return await store.write((storeChange) => {
      try {
        return change(storeChange, steps);
      } catch (error) {
        throw undone(error); // here, because the lock is still ours
      }
    });
  } catch (error) {
    throw undone(error);
  }
}
