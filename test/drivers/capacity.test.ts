import { describe, expect, it } from 'vitest';
import type { Card, CardType, Driver } from '../../src/drivers/driver.ts';
import { i915 } from '../../src/drivers/i915.ts';
import { mbochs } from '../../src/drivers/mbochs.ts';
import { mdpy } from '../../src/drivers/mdpy.ts';
import { mtty } from '../../src/drivers/mtty.ts';
import { nvidia } from '../../src/drivers/nvidia.ts';
import { vfioAp } from '../../src/drivers/vfio-ap.ts';
import { vfioCcw } from '../../src/drivers/vfio-ccw.ts';
import {
  a40,
  apTypes,
  cardOf,
  ccwTypes,
  devicesOf,
  gvtg,
  m60,
  mbochsTypes,
  mdpyTypes,
  mttyTypes,
  t4,
  typeOf,
} from './tables.ts';

/** What every type has left, in the card's order. */
const left = (driver: Driver, card: Card, parent = 'parent'): readonly number[] =>
  card.types.map((type) => driver.available(card, parent, type));

const repeat = (type: string, count: number): readonly string[] =>
  Array.from({ length: count }, () => type);

describe('the kernel samples count as their captures show', () => {
  it.each([
    [[], [24, 12]],
    [['mtty-1'], [23, 11]],
    [['mtty-2'], [22, 11]],
    [repeat('mtty-2', 11), [2, 1]],
    [
      [...repeat('mtty-2', 11), 'mtty-1'],
      [1, 0],
    ],
    [repeat('mtty-1', 24), [0, 0]],
  ])('mtty with %j has %j left', (devices, expected) => {
    expect(left(mtty, cardOf(mttyTypes, devices))).toEqual(expected);
  });

  it.each([
    [[], [4, 4, 4]],
    [['mdpy-hd'], [3, 3, 3]],
    [repeat('mdpy-vga', 4), [0, 0, 0]],
  ])('mdpy with %j has %j left', (devices, expected) => {
    expect(left(mdpy, cardOf(mdpyTypes, devices))).toEqual(expected);
  });

  it.each([
    [[], [64, 16, 4]],
    [['mbochs-small'], [63, 15, 3]],
    [
      ['mbochs-large', 'mbochs-medium'],
      [44, 11, 2],
    ],
    [repeat('mbochs-large', 4), [0, 0, 0]],
  ])('mbochs with %j has %j left', (devices, expected) => {
    expect(left(mbochs, cardOf(mbochsTypes, devices))).toEqual(expected);
  });

  it('their module parameters are settings', () => {
    expect(left(mdpy, cardOf(mdpyTypes, [], { count: '9' }))).toEqual([9, 9, 9]);
    expect(left(mbochs, cardOf(mbochsTypes, [], { count: '100' }))).toEqual([25, 6, 1]);
  });
});

describe('GVT-g gives what the scarcest of aperture, other memory and fences allows', () => {
  it.each([
    ['256', [2, 1, 0, 0]],
    ['512', [6, 3, 1, 0]],
    ['1024', [7, 5, 2, 1]],
    ['2048', [4, 3, 1, 0]],
  ])('aperture %s MB: %j', (aperture, expected) => {
    expect(left(i915, cardOf(gvtg, [], { aperture }))).toEqual(expected);
  });

  it('shares it among all types, as in the sample of the mdevctl manual', () => {
    const card = cardOf(gvtg, ['i915-GVTg_V5_4', 'i915-GVTg_V5_8'], { aperture: '1024' });
    expect(left(i915, card)).toEqual([4, 3, 1, 0]);
  });

  it('runs out of fence registers', () => {
    const card = cardOf(gvtg, [], { aperture: '1024', fences: '8' });
    expect(left(i915, card)).toEqual([1, 1, 1, 1]);
    expect(i915.explain(card, 'parent', typeOf(card, 'i915-GVTg_V5_8')).rule).toContain('fence');
  });

  it('has nothing on a card smaller than the host’s share', () => {
    expect(left(i915, cardOf(gvtg, [], { aperture: '64' }))).toEqual([0, 0, 0, 0]);
  });
});

describe('s390 devices are counted by the core', () => {
  it('one per subchannel', () => {
    expect(left(vfioCcw, cardOf(ccwTypes))).toEqual([1]);
    expect(left(vfioCcw, cardOf(ccwTypes, ['vfio_ccw-io']))).toEqual([0]);
  });

  it('65536 per matrix', () => {
    expect(left(vfioAp, cardOf(apTypes, repeat('vfio_ap-passthrough', 3)))).toEqual([65533]);
  });

  it('each parent for itself', () => {
    const card = cardOf(ccwTypes, ['vfio_ccw-io@0.0.0052']);
    expect(left(vfioCcw, card, '0.0.0053')).toEqual([1]);
  });
});

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
