import { expect, it } from 'vitest';
import { mtty } from '../../../src/drivers/mtty/driver.ts';
import {
  attributesOf,
  cardOf,
  filesOf,
  guestIds,
  left,
  NOWHERE,
  repeat,
  typeOf,
  uuid,
} from '../cards.ts';
import { overfull } from '../histories.ts';
import { byId, offered } from '../sample-cards.ts';
import { mttyTypes } from './types.ts';

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
])('with %j has %j left, as the captures show', (devices, expected) => {
  expect(left(mtty, cardOf(mttyTypes, devices))).toEqual(expected);
});

it('never has more than 24 ports, and refuses with ENOSPC', () => {
  expect(
    overfull(
      mtty,
      cardOf(mttyTypes),
      (devices) => devices.reduce((ports, { type }) => ports + Number(type.at(-1)), 0) <= 24,
    ),
  ).toBeNull();
  const full = cardOf(mttyTypes, repeat('mtty-2', 12));
  expect(mtty.refusal(full, 'parent', typeOf(full, 'mtty-1'))).toBe('ENOSPC');
});

it('says its rule', () => {
  const card = cardOf(mttyTypes, ['mtty-1']);
  expect(mtty.explain(card, 'parent', typeOf(card, 'mtty-2')).rule).toBe(
    'All devices share 24 serial ports, of which mtty-2 takes 2; 23 are left.',
  );
});

it('has types without items, devices with a file, and is a serial controller to guests', () => {
  const [type] = mttyTypes;
  expect(attributesOf(mtty, type)).toEqual([]);
  expect(filesOf(mtty, type)).toEqual([`vendor/sample_mdev_dev 444 This is MDEV ${uuid(1)}`]);
  expect(guestIds(mtty, type)).toEqual(['0x070002', '0x4348', '0x3253', NOWHERE]);
});

it('has the types of a real one in its profile', () => {
  expect(offered('kernel-samples', mtty)).toEqual(mttyTypes.toSorted(byId));
});
