import * as fc from 'fast-check';
import type { GuestAddress, Hostdev, HostdevModel } from '../../src/domain/hostdev.ts';

const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const upTo = (max: number) => fc.integer({ min: 0, max });

const pci: fc.Arbitrary<GuestAddress> = fc.record({
  kind: fc.constant('pci' as const),
  domain: fc.constant(0),
  bus: upTo(255),
  slot: fc.integer({ min: 1, max: 31 }),
  function: upTo(7),
  multifunction: optional(fc.boolean()),
  zpci: optional(fc.record({ uid: optional(upTo(0xffff)), fid: optional(upTo(0xffffffff)) })),
});

const ccw: fc.Arbitrary<GuestAddress> = fc.record({
  kind: fc.constant('ccw' as const),
  cssid: upTo(0xfe),
  ssid: upTo(3),
  devno: upTo(0xffff),
});

/** Any mediated hostdev that can be written, sensible or not. */
export const hostdevs: fc.Arbitrary<Hostdev> = fc
  .record({
    uuid: fc.uuid(),
    model: fc.constantFrom<HostdevModel>('vfio-pci', 'vfio-ccw', 'vfio-ap'),
    managed: optional(fc.boolean()),
    display: optional(fc.boolean()),
    ramfb: optional(fc.boolean()),
    bootOrder: optional(fc.integer({ min: 1, max: 0xffffffff })),
    loadparm: optional(fc.stringMatching(/^[A-Z0-9. ]{1,8}$/)),
    alias: optional(fc.stringMatching(/^ua-[A-Za-z0-9_-]{1,20}$/)),
    acpiIndex: optional(fc.integer({ min: 1, max: 0xffffffff })),
    address: optional(fc.oneof(pci, ccw)),
    extra: fc.constant(undefined),
  })
  .map((one) => (one.bootOrder === undefined ? { ...one, loadparm: undefined } : one));
