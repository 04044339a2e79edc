import { describe, expect, it } from 'vitest';
import type { Card, CardType } from '../../../src/drivers/driver.ts';
import { nvidia } from '../../../src/drivers/nvidia/driver.ts';
import { cardOf, devicesOf, left, typeOf } from '../cards.ts';
import { overfull, sumOf } from '../histories.ts';
import { a40, m60, t4 } from './types.ts';

/** `max_instance` in a type's description. */
const maxInstance = (type: CardType): number =>
  Number(/max_instance=(\d+)/.exec(type.description ?? '')?.[1]);

describe('an NVIDIA GPU', () => {
  it.each([
    ['M60', m60],
    ['T4', t4],
  ])('%s: an empty GPU has max_instance of each type', (_board, types) => {
    expect(left(nvidia, cardOf(types))).toEqual(types.map(maxInstance));
  });

  it('takes one framebuffer size: the other types have none left', () => {
    const card = cardOf(m60, ['nvidia-18']);
    const open = card.types.filter((type) => nvidia.available(card, 'parent', type) > 0);
    expect(open.map((type) => type.name)).toEqual([
      'GRID M60-2A',
      'GRID M60-2B',
      'GRID M60-2Q',
      'GRID M60-2B4',
    ]);
    expect(open.map((type) => nvidia.available(card, 'parent', type))).toEqual([3, 3, 3, 3]);
  });

  it('takes one type when it is strict', () => {
    const card = cardOf(m60, ['nvidia-18'], { homogeneous: 'type' });
    const open = card.types.filter((type) => nvidia.available(card, 'parent', type) > 0);
    expect(open.map((type) => type.id)).toEqual(['nvidia-18']);
  });

  it('in mixed-size mode gives what the framebuffer left has room for, as an upper bound', () => {
    const card = cardOf(t4, ['nvidia-232', 'nvidia-233'], { homogeneous: 'none' });
    const numbers = ['nvidia-230', 'nvidia-232', 'nvidia-233'].map((id) =>
      nvidia.available(card, 'parent', typeOf(card, id)),
    );
    expect(numbers).toEqual([4, 1, 0]);
    const open = nvidia.explain(card, 'parent', typeOf(card, 'nvidia-232'));
    expect(open.confidence).toBe('upper-bound');
    expect(nvidia.explain(card, 'parent', typeOf(card, 'nvidia-233')).confidence).toBe('exact');
  });

  it('has nothing of a type whose description does not say how many', () => {
    const card = cardOf([{ id: 'nvidia-1', deviceApi: 'vfio-pci' }]);
    expect(left(nvidia, card)).toEqual([0]);
  });
});

describe('an SR-IOV NVIDIA GPU', () => {
  const parents = Array.from({ length: 32 }, (_, index) => `vf${index}`);
  const gpu = (count: number, type: string): Card => ({
    parents,
    types: a40,
    devices: devicesOf(parents.slice(0, count).map((parent) => `${type}@${parent}`)),
    settings: {},
  });

  it('offers one of each type per virtual function', () => {
    expect(left(nvidia, gpu(0, ''), 'vf0')).toEqual(a40.map(() => 1));
  });

  it('offers one also where a single function is enabled', () => {
    const card = { ...cardOf(a40), settings: { sriov: 'yes' } };
    expect(left(nvidia, card)).toEqual(a40.map(() => 1));
  });

  it.each([
    ['a taken function', 1, 'vf0', 0],
    ['a free one', 1, 'vf1', 1],
    ['the last below the GPU’s limit', 23, 'vf23', 1],
    ['the first beyond it', 24, 'vf24', 0],
  ])('A40-2Q (max_instance 24) on %s: %i created, %s has %i', (_case, count, parent, expected) => {
    const card = gpu(count, 'nvidia-558');
    expect(nvidia.available(card, parent, typeOf(card, 'nvidia-558'))).toBe(expected);
  });

  it('has no other framebuffer size on its other functions', () => {
    const card = gpu(1, 'nvidia-558');
    const sizes = card.types.filter((type) => nvidia.available(card, 'vf1', type) > 0);
    expect(sizes.map((type) => type.name)).toEqual([
      'NVIDIA A40-2B',
      'NVIDIA A40-2Q',
      'NVIDIA A40-2A',
    ]);
  });

  it('says that the numbers of its functions do not add up', () => {
    const card = gpu(1, 'nvidia-558');
    const type = typeOf(card, 'nvidia-558');
    expect(nvidia.explain(card, 'vf1', type)).toMatchObject({
      available: 1,
      confidence: 'upper-bound',
      blockedBy: [],
    });
    expect(nvidia.explain(card, 'vf0', type)).toMatchObject({
      available: 0,
      confidence: 'exact',
      blockedBy: [card.devices[0]?.uuid],
    });
  });
});

const framebufferOf = (types: readonly CardType[], devices: readonly { readonly type: string }[]) =>
  sumOf(devices, types, /framebuffer=(\d+)M/);

describe('never has more than its framebuffer holds', () => {
  it('M60: of one size', () => {
    expect(
      overfull(
        nvidia,
        cardOf(m60),
        (devices) =>
          framebufferOf(m60, devices) <= 8192 &&
          new Set(devices.map((device) => framebufferOf(m60, [device]))).size <= 1,
      ),
    ).toBeNull();
  });

  it('T4, one type per GPU', () => {
    expect(
      overfull(
        nvidia,
        cardOf(t4, [], { homogeneous: 'type' }),
        (devices) =>
          framebufferOf(t4, devices) <= 16384 && new Set(devices.map(({ type }) => type)).size <= 1,
      ),
    ).toBeNull();
  });

  it('T4, mixed sizes', () => {
    expect(
      overfull(
        nvidia,
        cardOf(t4, [], { homogeneous: 'none' }),
        (devices) => framebufferOf(t4, devices) <= 16384,
      ),
    ).toBeNull();
  });

  it('A40 with 32 virtual functions', () => {
    const parents = Array.from({ length: 32 }, (_, index) => `vf${index}`);
    expect(
      overfull(
        nvidia,
        { ...cardOf(a40), parents },
        (devices) =>
          framebufferOf(a40, devices) <= 49152 &&
          new Set(devices.map(({ parent }) => parent)).size === devices.length,
      ),
    ).toBeNull();
  });

  it('and refuses with ENOSPC', () => {
    const full = cardOf(m60, ['nvidia-22']);
    expect(nvidia.refusal(full, 'parent', typeOf(full, 'nvidia-22'))).toBe('ENOSPC');
  });
});
