import { expect, it } from 'vitest';
import { vfioAp } from '../../../src/drivers/vfio-ap/driver.ts';
import { attributesOf, cardOf, guestIds, left, repeat, uuid } from '../cards.ts';
import { overfull } from '../histories.ts';
import { byId, offered } from '../sample-cards.ts';
import { apTypes } from './types.ts';

it('takes 65536 devices', () => {
  expect(left(vfioAp, cardOf(apTypes, repeat('vfio_ap-passthrough', 3)))).toEqual([65533]);
  expect(overfull(vfioAp, cardOf(apTypes), (devices) => devices.length <= 65536)).toBeNull();
});

it('has devices with files: those that assign are write-only, those that show are read-only', () => {
  const [type] = apTypes;
  const files = type && vfioAp.deviceAttributes(uuid(1), type);
  expect(files?.filter(({ name }) => /^(un)?assign_/.test(name)).map(({ mode }) => mode)).toEqual(
    Array.from({ length: 6 }, () => 0o200),
  );
  expect(files?.filter(({ mode }) => mode === 0o444).map(({ name }) => name)).toEqual([
    'control_domains',
    'guest_matrix',
    'matrix',
  ]);
});

it('has no items and no PCI device', () => {
  const [type] = apTypes;
  expect(attributesOf(vfioAp, type)).toEqual([]);
  expect(guestIds(vfioAp, type)).toEqual([]);
});

it('has the types of a real one in its profile', () => {
  expect(offered('s390-ccw-ap', vfioAp)).toEqual(apTypes.toSorted(byId));
});
