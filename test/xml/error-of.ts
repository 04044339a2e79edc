import { NodedevError } from '../../src/errors.ts';

/** The NodedevError a function throws, or undefined when it throws none. Any other error is a bug and passes on. */
export function errorOf(run: () => unknown): NodedevError | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    if (error instanceof NodedevError) return error;
    throw error;
  }
}
