import { link, type Tree } from '../tree.ts';
import { CHANGING } from './paths.ts';

/** How a simulated host finds changes that were interrupted. */
export interface ChangeGuard {
  /** Before a question is answered: puts right what an interrupted answer left. */
  ready(): void;
  /** Runs the part of an answer that changes the tree. If it fails, the tree is put right before the error is thrown on. */
  changing<T>(change: () => T): T;
}

/** For a tree in memory: nothing interrupts a change there. */
export const NO_GUARD: ChangeGuard = {
  ready: () => undefined,
  changing: (change) => change(),
};

/**
 * For a tree on disk, whose lock the caller holds: the engine has one for all below a root. A mark stands in the tree
 * during a change: whoever finds it calls `repair` before anything else.
 */
export class TreeGuard implements ChangeGuard {
  readonly #tree: Tree;
  readonly #repair: () => void;

  constructor(tree: Tree, repair: () => void) {
    this.#tree = tree;
    this.#repair = repair;
  }

  ready(): void {
    if (this.#tree.kind(CHANGING) !== undefined) this.#putRight();
  }

  changing<T>(change: () => T): T {
    this.#tree.plant(CHANGING, link(String(process.pid)));
    try {
      const result = change();
      this.#tree.prune(CHANGING);
      return result;
    } catch (error) {
      this.#putRight();
      throw error;
    }
  }

  #putRight(): void {
    this.#repair();
    this.#tree.prune(CHANGING);
  }
}
