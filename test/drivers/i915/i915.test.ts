import { describe, expect, it } from 'vitest';
import { i915 } from '../../../src/drivers/i915/driver.ts';
import {
  attributesOf,
  cardOf,
  filesOf,
  guestIds,
  left,
  NOWHERE,
  repeat,
  typeOf,
} from '../cards.ts';
import { overfull, sumOf } from '../histories.ts';
import { byId, offered } from '../sample-cards.ts';
import { gvtg } from './types.ts';

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

it('never has more than the card has, and refuses with ENOSPC', () => {
  const settings = { aperture: '1024' };
  expect(
    overfull(
      i915,
      cardOf(gvtg, [], settings),
      (devices) =>
        sumOf(devices, gvtg, /low_gm_size: (\d+)MB/) <= 896 &&
        sumOf(devices, gvtg, /high_gm_size: (\d+)MB/) <= 2688 &&
        devices.length <= 7,
    ),
  ).toBeNull();
  const full = cardOf(gvtg, repeat('i915-GVTg_V5_8', 7), settings);
  expect(i915.refusal(full, 'parent', typeOf(full, 'i915-GVTg_V5_8'))).toBe('ENOSPC');
});

it('says its rule', () => {
  const card = cardOf(gvtg, ['i915-GVTg_V5_8']);
  expect(i915.explain(card, 'parent', typeOf(card, 'i915-GVTg_V5_2')).rule).toBe(
    'All vGPUs share 384 MB of mappable graphics memory (aperture), of which i915-GVTg_V5_2 takes 256; 320 are left.',
  );
});

it('has types with items, devices without files, and is to guests what the card is', () => {
  expect(attributesOf(i915, gvtg[1])).toEqual([
    'low_gm_size=131072',
    'high_gm_size=524288',
    'fence=4',
    'hres=1920',
    'vres=1200',
    'weight=4',
  ]);
  expect(filesOf(i915, gvtg[0])).toEqual([]);
  expect(guestIds(i915, gvtg[0])).toEqual(['0x030000', '0x10de', '0x13f2', NOWHERE]);
});

it.each(['intel-gvtg', 'mixed'])('has the types of a real one in %s', (profile) => {
  expect(offered(profile, i915)).toEqual(gvtg.slice(0, 3).toSorted(byId));
});
