import { expect, it } from 'vitest';
import { mbochs } from '../../../src/drivers/mbochs/driver.ts';
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
import { mbochsTypes } from './types.ts';

it.each([
  [[], [64, 16, 4]],
  [['mbochs-small'], [63, 15, 3]],
  [
    ['mbochs-large', 'mbochs-medium'],
    [44, 11, 2],
  ],
  [repeat('mbochs-large', 4), [0, 0, 0]],
])('with %j has %j left, as the captures show', (devices, expected) => {
  expect(left(mbochs, cardOf(mbochsTypes, devices))).toEqual(expected);
});

it('has its module parameter as a setting', () => {
  expect(left(mbochs, cardOf(mbochsTypes, [], { count: '100' }))).toEqual([25, 6, 1]);
});

it('never has more than 256 MB, and refuses with ENOSPC', () => {
  expect(
    overfull(
      mbochs,
      cardOf(mbochsTypes),
      (devices) => sumOf(devices, mbochsTypes, /(\d+) MB/) <= 256,
    ),
  ).toBeNull();
  const full = cardOf(mbochsTypes, repeat('mbochs-large', 4));
  expect(mbochs.refusal(full, 'parent', typeOf(full, 'mbochs-small'))).toBe('ENOSPC');
});

it('says its rule', () => {
  const card = cardOf(mbochsTypes, ['mbochs-small']);
  expect(mbochs.explain(card, 'parent', typeOf(card, 'mbochs-large')).rule).toBe(
    'All devices share 256 MB of video memory (module parameter count), of which mbochs-large takes 64 MB; 252 MB are left.',
  );
});

it('has types with video memory, devices with a file, and is a display controller to guests', () => {
  expect(attributesOf(mbochs, mbochsTypes[2])).toEqual(['video_memory=65536']);
  expect(filesOf(mbochs, mbochsTypes[1])).toEqual(['vendor/memory 444 16 MB']);
  expect(guestIds(mbochs, mbochsTypes[0])).toEqual(['0x038000', '0x1234', '0x1111', NOWHERE]);
});

it('has the types of a real one in its profile', () => {
  expect(offered('kernel-samples', mbochs)).toEqual(mbochsTypes.toSorted(byId));
});
