import { HostError } from '../host.ts';
import { isRunning, ownIdentity } from '../process-identity.ts';
import { sleep } from '../sleep.ts';
import { link, type Tree } from '../tree.ts';
import { CHANGING, LOCK } from './paths.ts';

/** How long to wait for another process's change, and between two tries, in milliseconds. */
const PATIENCE = 10_000;
const PAUSE = 1;

/** Held while a stale lock is taken over, so that nobody removes the one that follows it. */
const TAKEOVER = `${LOCK}.takeover`;

/** How a simulated host keeps changes apart, and finds the ones that were interrupted. */
export interface ChangeGuard {
  /** Runs a question and its answer while nobody else changes the tree. */
  exclusively<T>(operation: () => T): T;
  /** Runs the part of it that changes the tree. If it fails, the tree is put right before the error is thrown on. */
  changing<T>(change: () => T): T;
}

/** For a tree no other process sees. Nothing interrupts a change in memory. */
export const NO_GUARD: ChangeGuard = {
  exclusively: (operation) => operation(),
  changing: (change) => change(),
};

/**
 * For a tree on disk. One process at a time holds the lock, as in the kernel: a link whose text names the process,
 * taken over when that has died. A mark stands in the tree during a change: whoever gets the lock and finds it calls
 * `repair` before anything else.
 */
export class TreeLock implements ChangeGuard {
  readonly #tree: Tree;
  readonly #repair: () => void;

  constructor(tree: Tree, repair: () => void) {
    this.#tree = tree;
    this.#repair = repair;
  }

  exclusively<T>(operation: () => T): T {
    this.#acquire();
    try {
      if (this.#tree.kind(CHANGING) !== undefined) this.#putRight();
      return operation();
    } finally {
      this.#tree.prune(LOCK);
    }
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

  #acquire(): void {
    const deadline = performance.now() + PATIENCE;
    const me = ownIdentity();
    while (!tryPlant(this.#tree, LOCK, me)) {
      if (!isAlive(this.#holder()) && this.#takeOver(me)) return;
      if (performance.now() > deadline) throw new HostError('EBUSY', LOCK);
      sleep(PAUSE);
    }
  }

  #holder(): string | undefined {
    return this.#tree.kind(LOCK) === 'link' ? this.#tree.readLink(LOCK) : undefined;
  }

  #takeOver(me: string): boolean {
    if (!tryPlant(this.#tree, TAKEOVER, me)) return false;
    try {
      if (isAlive(this.#holder())) return false;
      this.#tree.prune(LOCK);
      return tryPlant(this.#tree, LOCK, me);
    } finally {
      this.#tree.prune(TAKEOVER);
    }
  }
}

function tryPlant(tree: Tree, path: string, text: string): boolean {
  try {
    tree.plant(path, link(text));
    return true;
  } catch (error) {
    if (error instanceof HostError && error.errno === 'EEXIST') return false;
    throw error;
  }
}

/** Whether a lock's holder still runs; an absent lock has none to wait for, and none to take over. */
function isAlive(holder: string | undefined): boolean {
  return holder === undefined || isRunning(holder);
}
