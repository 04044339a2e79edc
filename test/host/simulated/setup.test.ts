import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ToolAnswer } from '../../../src/drivers/card-setup.ts';
import { DiskTree } from '../../../src/host/disk-tree.ts';
import { HostError } from '../../../src/host/host.ts';
import type { SimulatedHost } from '../../../src/host/simulated/host.ts';
import { makeSimulatedHost } from '../../../src/host/simulated/init.ts';
import { createMemoryHost } from '../../../src/host/simulated/memory.ts';
import { openSimulatedHost, simulatedHostOn } from '../../../src/host/simulated/open.ts';
import { readSampleProfile } from '../../../src/host/simulated/samples.ts';
import type { Branch } from '../../../src/host/tree.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { BARE, bareProfile } from '../support/bare-profile.ts';
import { linesOf } from '../support/trees.ts';

const SMALL = bareProfile(2);
const GPU = '0000:42:00.0';

const sriov = (host: SimulatedHost, ...args: readonly string[]): ToolAnswer =>
  host.runTool({ program: '/usr/lib/nvidia/sriov-manage', args, seconds: 1 });
const smi = (host: SimulatedHost, ...args: readonly string[]): number | undefined =>
  host.runTool({ program: '/usr/bin/nvidia-smi', args, seconds: 1 }).status;

describe('a simulated GPU whose functions are off', () => {
  it('has no parents, and says which functions there will be', () => {
    const host = createMemoryHost(BARE);
    expect(host.parents().items).toEqual([]);
    const card = host.setupCard(GPU);
    expect(card?.isOn).toBe(false);
    expect(card?.functions).toHaveLength(32);
    expect(card?.functions[0]).toBe('0000:42:00.4');
    expect(card?.functions.at(-1)).toBe('0000:42:04.3');
  });

  it('gets them from sriov-manage, with their types, and loses them again', () => {
    const host = createMemoryHost(BARE);
    expect(sriov(host, '-e', GPU)).toEqual({ status: 0, output: '' });
    expect(host.parents().items.map(({ address }) => address)).toEqual(
      host.setupCard(GPU)?.functions,
    );
    const parent = host.parent('0000:42:00.5');
    if (parent === undefined) throw new Error('no function');
    expect(host.type(parent, 'nvidia-1155')?.availableInstances).toBe(1);
    host.create(parent, 'nvidia-1155', '00000000-0000-4000-8000-000000000001');
    expect(sriov(host, '-d', GPU).status).toBe(1);
    expect(smi(host, 'vgpu', '-shm', '1', '-i', GPU)).toBe(19);
    for (const device of host.devices().items) host.remove(device);
    expect(sriov(host, '-d', GPU).status).toBe(0);
    expect(host.parents().items).toEqual([]);
    expect(sriov(host, '-e', '0000:40:03.1').status).toBe(1);
    expect(smi(host, 'vgpu', '-shm', '1', '-i', '0000:40:03.1')).toBe(6);
  });

  it('is so after each reboot; a GPU whose functions the profile boots on has them again', () => {
    const host = createMemoryHost(BARE);
    sriov(host, '-e', GPU);
    host.reset();
    expect(host.parents().items).toEqual([]);
    const other = createMemoryHost(readSampleProfile('nvidia-l40s'));
    sriov(other, '-d', GPU);
    other.reset();
    expect(other.parents().items).toHaveLength(32);
  });

  it('has after on and off what it had', () => {
    const folder = join(temporaryFolder({ inMemory: true }), 'host');
    const host = makeSimulatedHost(folder, SMALL);
    sriov(host, '-e', GPU);
    const on = linesOf(new DiskTree(folder));
    sriov(host, '-d', GPU);
    const off = linesOf(new DiskTree(folder));
    expect(off.filter((line) => line.includes('/42:00.4') && !line.startsWith('/sim/'))).toEqual(
      [],
    );
    sriov(host, '-e', GPU);
    expect(linesOf(new DiskTree(folder))).toEqual(on);
    sriov(host, '-d', GPU);
    expect(linesOf(new DiskTree(folder))).toEqual(off);
  });
});

/** A tree whose n-th change fails; a deadly one lets all after it fail, too. */
class FaultyTree extends DiskTree {
  left = Number.POSITIVE_INFINITY;
  isDeadly = false;

  override plant(path: string, branch: Branch): void {
    this.#burn();
    super.plant(path, branch);
  }

  override replace(path: string, text: string): void {
    this.#burn();
    super.replace(path, text);
  }

  override rename(from: string, to: string): void {
    this.#burn();
    super.rename(from, to);
  }

  override prune(path: string): void {
    this.#burn();
    super.prune(path);
  }

  #burn(): void {
    this.left -= 1;
    if (this.left === -1 || (this.left < -1 && this.isDeadly)) throw new HostError('EIO', '/');
  }
}

describe.each([
  ['on', '-e', '-d'],
  ['off', '-d', '-e'],
])('turning functions %s', (_, there, back) => {
  it.each([
    ['fails leaves them as they were', false],
    ['is killed can be done again', true],
  ])('that %s, wherever it stopped', (__, isDeadly) => {
    const folder = join(temporaryFolder({ inMemory: true }), 'host');
    const host = makeSimulatedHost(folder, SMALL);
    const tree = new FaultyTree(folder);
    // Once there and back, so that the files of the simulation itself are there.
    sriov(host, '-e', GPU);
    sriov(host, '-d', GPU);
    if (there === '-d') sriov(host, '-e', GPU);
    const before = linesOf(tree);
    sriov(host, there, GPU);
    const whole = linesOf(tree);
    sriov(host, back, GPU);
    let step = 0;
    for (let isOver = false; !isOver && step < 500; step += 1) {
      Object.assign(tree, { left: step, isDeadly });
      const failing = simulatedHostOn(tree);
      let isFailed = false;
      try {
        sriov(failing, there, GPU);
      } catch (error) {
        isFailed = error instanceof HostError;
      }
      isOver = tree.left >= 0;
      tree.left = Number.POSITIVE_INFINITY;
      const next = openSimulatedHost(folder);
      next.repair();
      // The last of it only tidies up, so that what failed there has happened.
      const found = isDeadly ? before : linesOf(tree);
      expect([before, isFailed ? before : whole]).toContainEqual(found);
      sriov(next, there, GPU);
      expect(linesOf(tree)).toEqual(whole);
      sriov(next, back, GPU);
      expect(linesOf(tree)).toEqual(before);
    }
    expect(step).toBeGreaterThan(20);
    expect(step).toBeLessThan(500);
  });
});
