import { DiskTree } from '../../../src/host/disk-tree.ts';
import { HostError } from '../../../src/host/host.ts';
import type { Branch } from '../../../src/host/tree.ts';

/**
 * How the n-th change of a tree goes wrong: with all after it, which is what a killed process leaves; alone; or alone after
 * it took effect.
 */
export type Fault = 'dies' | 'fails' | 'fails late';

/** A tree on disk of which one change goes wrong. */
export class FaultyTree extends DiskTree {
  left = Number.POSITIVE_INFINITY;
  fault: Fault = 'fails';

  override plant(path: string, branch: Branch): void {
    this.#through(() => super.plant(path, branch));
  }

  override replace(path: string, text: string): void {
    this.#through(() => super.replace(path, text));
  }

  override append(path: string, text: string): void {
    this.#through(() => super.append(path, text));
  }

  override ensureDirectory(path: string): void {
    this.#through(() => super.ensureDirectory(path));
  }

  override rename(from: string, to: string): void {
    this.#through(() => super.rename(from, to));
  }

  override prune(path: string): void {
    this.#through(() => super.prune(path));
  }

  override pruneEmpty(path: string): void {
    this.#through(() => super.pruneEmpty(path));
  }

  #through(change: () => void): void {
    this.left -= 1;
    const isStruck = this.left === -1 || (this.left < -1 && this.fault === 'dies');
    if (!isStruck || this.fault === 'fails late') change();
    if (isStruck) throw new HostError('EIO', '/');
  }
}

/** Whether the operation met the fault. */
export function failed(operation: () => void): boolean {
  try {
    operation();
    return false;
  } catch (error) {
    if (error instanceof HostError) return true;
    throw error;
  }
}
