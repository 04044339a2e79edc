import { expect, it } from 'vitest';
import { vfioCcw } from '../../../src/drivers/vfio-ccw/driver.ts';
import { attributesOf, cardOf, filesOf, guestIds, left, typeOf } from '../cards.ts';
import { overfull } from '../histories.ts';
import { byId, offered } from '../sample-cards.ts';
import { ccwTypes } from './types.ts';

it('takes one device per subchannel, and refuses more with EUSERS', () => {
  expect(left(vfioCcw, cardOf(ccwTypes))).toEqual([1]);
  const full = cardOf(ccwTypes, ['vfio_ccw-io']);
  expect(left(vfioCcw, full)).toEqual([0]);
  expect(vfioCcw.refusal(full, 'parent', typeOf(full, 'vfio_ccw-io'))).toBe('EUSERS');
  expect(overfull(vfioCcw, cardOf(ccwTypes), (devices) => devices.length <= 1)).toBeNull();
});

it('counts each parent for itself', () => {
  const card = cardOf(ccwTypes, ['vfio_ccw-io@0.0.0052']);
  expect(left(vfioCcw, card, '0.0.0053')).toEqual([1]);
});

it('says its rule', () => {
  const card = cardOf(ccwTypes, ['vfio_ccw-io']);
  expect(vfioCcw.explain(card, 'parent', typeOf(card, 'vfio_ccw-io')).rule).toBe(
    'A subchannel takes one device.',
  );
});

it('has no items, no files and no PCI device', () => {
  const [type] = ccwTypes;
  expect(attributesOf(vfioCcw, type)).toEqual([]);
  expect(filesOf(vfioCcw, type)).toEqual([]);
  expect(guestIds(vfioCcw, type)).toEqual([]);
});

it('has the types of a real one in its profile', () => {
  expect(offered('s390-ccw-ap', vfioCcw)).toEqual(ccwTypes.toSorted(byId));
});
