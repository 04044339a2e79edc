import { link, type Tree } from '../tree.ts';
import { CHANGING } from './paths.ts';

/** How a simulated host finds changes that were interrupted. */
export interface ChangeGuard {
  /** Called before each answer: repairs what an interrupted change left. */
  ready(): void;
  /** Runs the part of an answer that changes the tree. If it fails, the tree is repaired before the error is thrown. */
  changing<T>(change: () => T): T;
}

/** For a tree in memory: nothing interrupts a change there. */
export const NO_GUARD: ChangeGuard = {
  ready: () => undefined,
  changing: (change) => change(),
};

/**
 * For a tree on disk. The caller holds the engine's lock. There is a mark in the tree during a change; a process that finds
 * it calls `repair` first.
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
