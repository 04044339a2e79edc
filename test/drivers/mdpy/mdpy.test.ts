import { expect, it } from 'vitest';
import { mdpy } from '../../../src/drivers/mdpy/driver.ts';
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
import { overfull } from '../histories.ts';
import { byId, offered } from '../sample-cards.ts';
import { mdpyTypes } from './types.ts';

it.each([
  [[], [4, 4, 4]],
  [['mdpy-hd'], [3, 3, 3]],
  [repeat('mdpy-vga', 4), [0, 0, 0]],
])('with %j has %j left, as the captures show', (devices, expected) => {
  expect(left(mdpy, cardOf(mdpyTypes, devices))).toEqual(expected);
});

it('has its module parameter as a setting', () => {
  expect(left(mdpy, cardOf(mdpyTypes, [], { count: '9' }))).toEqual([9, 9, 9]);
});

it('never has more than 4 devices, and refuses with EUSERS', () => {
  expect(overfull(mdpy, cardOf(mdpyTypes), (devices) => devices.length <= 4)).toBeNull();
  const full = cardOf(mdpyTypes, repeat('mdpy-hd', 4));
  expect(mdpy.refusal(full, 'parent', typeOf(full, 'mdpy-hd'))).toBe('EUSERS');
});

it('says its rule', () => {
  const card = cardOf(mdpyTypes, ['mdpy-vga']);
  expect(mdpy.explain(card, 'parent', typeOf(card, 'mdpy-hd')).rule).toBe(
    'The driver takes 4 devices, all types together (module parameter count).',
  );
});

it('has types with a resolution, devices with a file, and is a display controller to guests', () => {
  expect(attributesOf(mdpy, mdpyTypes[0])).toEqual(['hres=640', 'vres=480']);
  expect(filesOf(mdpy, mdpyTypes[2])).toEqual(['vendor/resolution 444 1920x1080']);
  expect(guestIds(mdpy, mdpyTypes[0])).toEqual(['0x038000', '0x1b36', '0x000f', NOWHERE]);
});

it('has the types of a real one in its profile', () => {
  expect(offered('kernel-samples', mdpy)).toEqual(mdpyTypes.toSorted(byId));
});
