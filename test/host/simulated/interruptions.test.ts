import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readlinkSync, symlinkSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DiskTree } from '../../../src/host/disk-tree.ts';
import { HostError } from '../../../src/host/host.ts';
import { openSimulatedHost, simulatedHostOn } from '../../../src/host/simulated/open.ts';
import type { Branch } from '../../../src/host/tree.ts';
import { diskHost } from '../support/hosts.ts';
import { linesOf } from '../support/trees.ts';

const UUID = '00000000-1111-4222-8333-000000000001';
/** A process number no process has (above PID_MAX_LIMIT of the kernel). */
const DEAD = '4194305:1';

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

/** Makes the lock look like that of a process that died. */
function orphanLock(root: string): void {
  const lock = join(root, 'sim/lock');
  if (readlinkOrNothing(lock) === '') return;
  unlinkSync(lock);
  symlinkSync(DEAD, lock);
}

function readlinkOrNothing(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
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
        orphanLock(root);
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

describe('the lock', () => {
  it('of a process that died is taken over', () => {
    const { host, dispose } = diskHost('kernel-samples');
    symlinkSync(DEAD, join(host.root ?? '', 'sim/lock'));
    const parent = host.parent('mtty');
    if (parent) host.create(parent, 'mtty-1', UUID);
    expect(host.find(UUID)).toBeDefined();
    expect(readlinkOrNothing(join(host.root ?? '', 'sim/lock'))).toBe('');
    dispose();
  });

  it('of another process is waited for', async () => {
    const { host, dispose } = diskHost('kernel-samples');
    const lock = join(host.root ?? '', 'sim/lock');
    const holder = `
      const fs = require('node:fs');
      const stat = fs.readFileSync('/proc/self/stat', 'utf8');
      const start = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
      fs.symlinkSync(process.pid + ':' + start, process.argv[1]);
      console.log('held');
      setTimeout(() => { fs.unlinkSync(process.argv[1]); }, 300);
    `;
    const child = spawn(process.execPath, ['-e', holder, lock], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    const start = performance.now();
    const parent = host.parent('mtty');
    if (parent) host.create(parent, 'mtty-1', UUID);
    expect(performance.now() - start).toBeGreaterThan(100);
    expect(host.find(UUID)).toBeDefined();
    dispose();
  });
});
