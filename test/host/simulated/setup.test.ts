import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createMemoryHost } from '../../../src/host/simulated/memory.ts';

const BARE = readFileSync('samples/hosts/nvidia-l40s-bare.xml', 'utf8');
const GPU = '0000:42:00.0';
const SRIOV = '/usr/lib/nvidia/sriov-manage';
const run = (host: ReturnType<typeof createMemoryHost>, ...args: string[]) =>
  host.runTool({ program: SRIOV, args, seconds: 1 });

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

  it('gets them from sriov-manage, and loses them again', () => {
    const host = createMemoryHost(BARE);
    expect(run(host, '-e', GPU)).toEqual({ status: 0, output: '' });
    expect(host.parents().items.map(({ address }) => address)).toEqual(
      host.setupCard(GPU)?.functions,
    );
    const [parent] = host.parents().items;
    if (parent === undefined) throw new Error('no function');
    expect(host.type(parent, 'nvidia-1155')?.availableInstances).toBe(1);
    expect(run(host, '-d', GPU)).toEqual({ status: 0, output: '' });
    expect(host.parents().items).toEqual([]);
  });
});
