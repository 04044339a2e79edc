import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CardType, Driver } from '../../../src/drivers/driver.ts';
import { mbochs } from '../../../src/drivers/mbochs/driver.ts';
import { mdpy } from '../../../src/drivers/mdpy/driver.ts';
import { mtty } from '../../../src/drivers/mtty/driver.ts';
import { REGION_FLAG } from '../../../src/host/vfio/constants.ts';
import type { VfioDevice } from '../../../src/host/vfio/device.ts';
import { mbochsTypes } from '../../drivers/mbochs/types.ts';
import { mdpyTypes } from '../../drivers/mdpy/types.ts';
import { mttyTypes } from '../../drivers/mtty/types.ts';
import { lampsDriver } from '../../support/lamps.ts';
import { answer, plugged } from './plugged.ts';

const CASES: readonly (readonly [id: string, driver: Driver, type: CardType | undefined])[] = [
  ['mtty-1', mtty, mttyTypes[0]],
  ['mtty-2', mtty, mttyTypes[1]],
  ['mdpy-vga', mdpy, mdpyTypes[0]],
  ['mbochs-small', mbochs, mbochsTypes[0]],
  ['lamps-4', lampsDriver, { id: 'lamps-4', deviceApi: 'vfio-pci' }],
];

/** Numbers as a client may send them: mostly such as mean something. */
const word = fc.oneof(
  fc.nat(12),
  fc.constantFrom(0x500, 0x508, 4096, 0xffff, 0x7fff_ffff, 0xffff_ffff, Number.MAX_SAFE_INTEGER),
  fc.maxSafeNat(),
);
const region = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(0, 1, 2, 7) }, word);
const offset = fc.oneof(
  fc.nat(24),
  fc.nat(24).map((at) => 0x500 + at),
  word,
);
const bytes = fc.uint8Array({ maxLength: 12 });
type Call = (device: VfioDevice) => unknown;
const call: fc.Arbitrary<Call> = fc.oneof(
  fc.tuple(region, offset, fc.nat(64)).map(([index, at, count]) => (device: VfioDevice) => {
    if (device.read(index, at, count).length > count) throw new Error('more than was asked for');
  }),
  fc.tuple(region, offset, bytes).map(([index, at, data]) => (device: VfioDevice) => {
    if (device.write(index, at, data) > data.length) throw new Error('more than was given');
  }),
  fc
    .tuple(fc.nat(0x7f), word, word, word, bytes)
    .map(([flags, index, start, count, bools]) => (device: VfioDevice) => {
      device.setIrqs({ flags, index, start, count, bools, signals: [() => undefined] });
    }),
  fc.tuple(word, word, fc.nat(4)).map(([iova, size, flags]) => (device: VfioDevice) => {
    const memory = {
      read: (_iova: number, count: number) => Promise.resolve(new Uint8Array(count)),
      write: () => Promise.resolve(),
    };
    device.map({ iova, size, flags, memory });
  }),
  fc.tuple(word, word).map(
    ([iova, size]) =>
      (device: VfioDevice) =>
        device.unmap(iova, size),
  ),
  word.map((index) => (device: VfioDevice) => device.regionInfo(index)),
  word.map((index) => (device: VfioDevice) => device.irqInfo(index)),
  fc.constant((device: VfioDevice) => device.reset()),
);

/** All that is no memory, as it reads. */
const registersOf = (device: VfioDevice): unknown =>
  Array.from({ length: device.info().regions }, (_, index) => {
    const { size, flags } = device.regionInfo(index);
    return flags & REGION_FLAG.mmap || size === 0 ? undefined : device.read(index, 0, size);
  });

describe.each(CASES)('a device of %s', (_id, driver, type) => {
  const open = () => plugged(type && driver.model?.(type));

  it('answers whatever it is asked, with a result or an errno, and is as new after a reset', () => {
    const asNew = registersOf(open());
    fc.assert(
      fc.property(fc.array(call, { maxLength: 40 }), (calls) => {
        const device = open();
        for (const each of calls) answer(() => each(device));
        device.reset();
        expect(registersOf(device)).toEqual(asNew);
      }),
    );
  });
});
