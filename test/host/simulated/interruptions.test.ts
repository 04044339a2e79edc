import { describe, expect, it } from 'vitest';
import { DiskTree } from '../../../src/host/disk-tree.ts';
import { HostError } from '../../../src/host/host.ts';
import { openSimulatedHost, simulatedHostOn } from '../../../src/host/simulated/open.ts';
import type { Branch } from '../../../src/host/tree.ts';
import { diskHost } from '../support/hosts.ts';
import { linesOf } from '../support/trees.ts';

const UUID = '00000000-1111-4222-8333-000000000001';

/** A disk on which the n-th change and all that follow fail: what a killed process leaves. */
class DyingTree extends DiskTree {
  left = Number.POSITIVE_INFINITY;

  override plant(path: string, branch: Branch): void {
    this.#live();
    super.plant(path, branch);
  }

  override replace(path: string, text: string): void {
    this.#live();
    super.replace(path, text);
  }

  override append(path: string, text: string): void {
    this.#live();
    super.append(path, text);
  }

  override prune(path: string): void {
    this.#live();
    super.prune(path);
  }

  override pruneEmpty(path: string): void {
    this.#live();
    super.pruneEmpty(path);
  }

  #live(): void {
    this.left -= 1;
    if (this.left < 0) throw new HostError('EIO', '/');
  }
}

function errnoOf(operation: () => void): string {
  try {
    operation();
    return '';
  } catch (error) {
    if (error instanceof HostError) return error.errno;
    throw error;
  }
}

describe('an interrupted change', () => {
  it.each(['create', 'remove'])('%s happened whole or not at all, wherever it stopped', (kind) => {
    const { host, dispose } = diskHost('kernel-samples');
    try {
      const root = host.root ?? '';
      const parent = host.parent('mbochs');
      if (parent === undefined) throw new Error('no mbochs');
      const create = (on = host) => on.create(parent, 'mbochs-small', UUID);
      const tree = new DyingTree(root);
      const without = linesOf(tree);
      create();
      const withDevice = linesOf(tree);
      const device = host.find(UUID);
      if (device === undefined) throw new Error('no device');
      if (kind === 'create') host.remove(device);
      const dying = simulatedHostOn(tree);
      const outcomes = new Set<string>();
      const change = () => (kind === 'create' ? create(dying) : dying.remove(device));
      let steps = 0;
      for (let errno = 'EIO'; errno === 'EIO'; steps += 1) {
        tree.left = steps;
        errno = errnoOf(change);
        tree.left = Number.POSITIVE_INFINITY;
        // Whoever changes something next puts it right, here with a write that does nothing itself.
        openSimulatedHost(root).create(parent, 'mbochs-small', '');
        const found = linesOf(tree).join('\n');
        expect([without.join('\n'), withDevice.join('\n')]).toContain(found);
        const isThere = host.find(UUID) !== undefined;
        outcomes.add(isThere ? 'there' : 'gone');
        if (kind === 'create' && isThere) host.remove(device);
        if (kind === 'remove' && !isThere) create();
      }
      expect(steps).toBeGreaterThan(10);
      // Both ends were met on the way.
      expect(outcomes).toEqual(new Set(['there', 'gone']));
    } finally {
      dispose();
    }
  });
});
