import { namesIfAny } from '../sysfs/values.ts';
import { link, type Tree } from '../tree.ts';
import { CHANGING, DISCARDED } from './paths.ts';
import { formatPending, type PendingChange, readPending } from './pending.ts';

/** Makes the changes of a simulated host's tree, each as a whole or not at all. */
export interface ChangeGuard {
  /** Whether a change is going on, or was interrupted. Then the tree's counts are not to be believed. */
  isChanging(): boolean;
  /** Called before each answer: repairs what an interrupted change left. */
  ready(): void;
  /**
   * Makes a change of the tree. `discard` removes an entry. If it fails, the tree is as before: what the repair cannot know
   * is put back by `revert`.
   */
  changing(
    pending: PendingChange,
    change: (discard: (path: string) => void) => void,
    revert?: () => void,
  ): void;
}

/** For a tree in memory: nothing interrupts a change there. */
export function unguarded(tree: Tree): ChangeGuard {
  return {
    isChanging: () => false,
    ready: () => undefined,
    changing: (_, change) => {
      change((path) => {
        tree.prune(path);
      });
    },
  };
}

/** How the parts of a tree that follow from its devices are put right. */
export interface Repair {
  /** Of an interrupted change: undoes or finishes it. */
  settle(pending: PendingChange | undefined): void;
  /** Of a change that failed: undoes it. What it discarded is in its place again. */
  undo(pending: PendingChange): void;
}

/**
 * For a tree on disk. The caller holds the engine's lock. During a change a link says what is changed, so that who finds it
 * can finish or undo it, and what is removed is moved aside first, because only that can be taken back.
 */
export class TreeGuard implements ChangeGuard {
  readonly #tree: Tree;
  readonly #repair: Repair;

  constructor(tree: Tree, repair: Repair) {
    this.#tree = tree;
    this.#repair = repair;
  }

  isChanging(): boolean {
    return this.#tree.kind(CHANGING) !== undefined;
  }

  ready(): void {
    if (!this.isChanging()) return;
    this.#repair.settle(readPending(this.#tree));
    this.#end();
  }

  changing(
    pending: PendingChange,
    change: (discard: (path: string) => void) => void,
    revert: () => void = () => undefined,
  ): void {
    const discarded: string[] = [];
    try {
      this.#tree.ensureDirectory(DISCARDED);
      this.#tree.plant(CHANGING, link(formatPending(pending)));
      change((path) => {
        discarded.push(path);
        this.#tree.rename(path, `${DISCARDED}/${discarded.length - 1}`);
      });
      if (discarded.length === 0) this.#end();
    } catch (error) {
      this.#takeBack(pending, discarded, revert);
      throw error;
    }
    try {
      if (discarded.length > 0) this.#end();
    } catch {
      // All that is to be removed is out of its place. Whoever comes next tidies up.
    }
  }

  /** If this fails as well, the change counts as interrupted. */
  #takeBack(pending: PendingChange, discarded: readonly string[], revert: () => void): void {
    try {
      for (const [index, path] of [...discarded.entries()].toReversed()) {
        const aside = `${DISCARDED}/${index}`;
        if (this.#tree.kind(aside) !== undefined) this.#tree.rename(aside, path);
      }
      revert();
      this.#repair.undo(pending);
      if (this.isChanging()) this.#end();
    } catch {
      // The error of the change says more.
    }
  }

  #end(): void {
    for (const name of namesIfAny(this.#tree, DISCARDED)) this.#tree.prune(`${DISCARDED}/${name}`);
    this.#tree.prune(CHANGING);
  }
}
