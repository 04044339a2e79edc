import { expect, it } from 'vitest';
import { mbochs } from '../../../src/drivers/mbochs/driver.ts';
import type { VfioDevice } from '../../../src/host/vfio/device.ts';
import { le32, plugged, setLe32 } from '../../host/vfio/plugged.ts';
import { mbochsTypes } from './types.ts';

const MIB = 2 ** 20;

const display = (id: string): VfioDevice => {
  const type = mbochsTypes.find((each) => each.id === id);
  return plugged(type && mbochs.model?.(type));
};

it.each([
  ['mbochs-small', 4],
  ['mbochs-medium', 16],
  ['mbochs-large', 64],
])('%s has %d MiB', (id, megabytes) => {
  const device = display(id);
  expect(device.regionInfo(0)).toEqual({ size: megabytes * MIB, flags: 0x7 });
  expect(device.regionInfo(2)).toEqual({ size: 4096, flags: 0x3 });
  expect(device.irqInfo(0).count).toBe(0);
  expect([0, 8, 0x2c].map((offset) => le32(device, 7, offset))).toEqual([
    0x1111_1234, 0x0380_0000, 0x1100_1af4,
  ]);
  const sizes = [0, 1, 2, 3, 4, 5].map((bar) => {
    setLe32(device, 7, 0x10 + 4 * bar, 0xffff_ffff);
    return le32(device, 7, 0x10 + 4 * bar);
  });
  expect(sizes).toEqual([2 ** 32 - megabytes * MIB + 8, 0, 0xffff_f000, 0, 0, 0]);
  expect(le32(device, 2, 0x514)).toBe(megabytes * 16);
});

/** Registers of 16 bits, in hexadecimal: written (`w index value`) and read (`r index value`), from a reset on. */
it.each([
  ['registers after a reset', 'r0=b0c5 r1=0 r2=0 r3=0 r4=0 r5=0 r6=0 r7=0 r8=0 r9=0 ra=40 rb=0'],
  ['the versions it knows', 'w0=b0c0 r0=b0c0 w0=b0c6 r0=b0c0 w0=b0bf r0=b0c0 w0=b0c5 r0=b0c5'],
  [
    'a mode, and its virtual screen',
    'w1=320 w2=258 w3=20 w4=41 r4=41 r1=320 r2=258 r3=20 r6=320 r7=51e',
  ],
  [
    'a mode is set while it is disabled',
    'w1=320 w4=1 w1=400 w2=300 w3=20 r1=320 r2=0 r3=0 w4=0 w1=400 r1=400',
  ],
  ['a wider virtual screen is less high', 'w1=320 w3=20 w4=41 w6=640 r6=640 r7=28f w7=7 r7=28f'],
  ['15 bits take 2 bytes, 24 take 3', 'w1=400 w3=f w4=1 r7=800 w4=0 w3=18 w4=1 r7=555'],
  ['no bits are 8', 'w1=400 w4=1 r7=1000'],
  ['a screen of no width has no height', 'w4=1 r7=0'],
  ['where it starts', 'w8=5 w9=6 r8=5 r9=6 w4=1 r8=0 r9=0 w8=7 w4=1 r8=7'],
  ['what it could do', 'w1=320 w4=2 r1=a00 r2=640 r3=20 w4=0 r1=320'],
  ['the bank', 'w5=3 r5=3'],
  ['the memory is not written', 'wa=1 ra=40'],
  ['nothing is behind the registers', 'wb=1 rb=0'],
])('%s', (_what, script) => {
  const device = display('mbochs-small');
  const happened = script.split(' ').map((step) => {
    const [, call, index = '', value = ''] = /^(\w)(\w)=(\w+)$/.exec(step) ?? [];
    const offset = 0x500 + 2 * Number.parseInt(index, 16);
    if (call === 'r') {
      const [low = 0, high = 0] = device.read(2, offset, 2);
      return `r${index}=${(low + high * 256).toString(16)}`;
    }
    const written = Number.parseInt(value, 16);
    device.write(2, offset, new Uint8Array([written & 0xff, written >> 8]));
    return step;
  });
  expect(happened.join(' ')).toBe(script);
});

it('takes accesses of other widths', () => {
  const device = display('mbochs-small');
  setLe32(device, 2, 0x502, 0x0258_0320);
  expect(le32(device, 2, 0x502)).toBe(0x0258_0320);
  device.write(2, 0x503, new Uint8Array([0x04]));
  expect([...device.read(2, 0x502, 2)]).toEqual([0x20, 0x04]);
  expect(le32(device, 2, 0)).toBe(0);
  expect(le32(device, 2, 0x600)).toBe(0);
  setLe32(device, 2, 0, 0xffff_ffff);
  setLe32(device, 2, 0xffc, 0xffff_ffff);
  expect(le32(device, 2, 0x500)).toBe(0x0420_b0c5);
});

it('starts a mode with black, unless the memory shall be kept', () => {
  const device = display('mbochs-small');
  const white = new Uint8Array(4 * MIB).fill(0xff);
  /** The first byte that is not black. */
  const startMode = (enable: number) => {
    device.write(0, 0, white);
    for (const [index, value] of [
      [4, 0],
      [1, 640],
      [2, 480],
      [3, 32],
      [4, enable],
    ] as const) {
      device.write(2, 0x500 + 2 * index, new Uint8Array([value & 0xff, value >> 8]));
    }
    return device.read(0, 0, 4 * MIB).findIndex((byte) => byte !== 0);
  };
  expect(startMode(0x41)).toBe(640 * 480 * 4);
  expect(startMode(0xc1)).toBe(0);
});

it('bears a mode that is larger than the memory, and forgets it when it is reset', () => {
  const device = display('mbochs-small');
  setLe32(device, 2, 0x502, 0xffff_ffff);
  device.write(2, 0x506, new Uint8Array([0xff, 0xff]));
  device.write(2, 0x508, new Uint8Array([1, 0]));
  expect([...device.read(2, 0x50e, 2)]).toEqual([0, 0]);
  device.reset();
  expect([le32(device, 2, 0x502), le32(device, 2, 0x508)]).toEqual([0, 0]);
});

it.each([
  '',
  'virtual display',
  'virtual display, 3 MB video memory',
  'virtual display, 4096 MB video memory',
])('has no device of a type with the description %j', (description) => {
  expect(mbochs.model?.({ id: 'mbochs-x', deviceApi: 'vfio-pci', description })).toBeUndefined();
});
