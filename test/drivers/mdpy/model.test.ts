import { expect, it } from 'vitest';
import { mdpy } from '../../../src/drivers/mdpy/driver.ts';
import { le32, plugged, setLe32 } from '../../host/vfio/plugged.ts';
import { mdpyTypes } from './types.ts';

it.each([
  ['mdpy-vga', 640, 480, 0x20_0000],
  ['mdpy-xga', 1024, 768, 0x40_0000],
  ['mdpy-hd', 1920, 1080, 0x80_0000],
])('%s shows %dx%d', (id, width, height, size) => {
  const type = mdpyTypes.find((each) => each.id === id);
  const device = plugged(type && mdpy.model?.(type));
  expect(device.regionInfo(0)).toEqual({ size, flags: 0x7 });
  expect(device.irqInfo(0).count).toBe(0);
  expect(le32(device, 7, 0)).toBe(0x000f_1b36);
  expect(le32(device, 7, 8)).toBe(0x0380_0000);
  expect(le32(device, 7, 0x2c)).toBe(0x1100_1af4);

  // The capability, as a driver finds it.
  expect(device.read(7, 6, 1)[0]).toBe(0x10);
  const at = device.read(7, 0x34, 1)[0] ?? 0;
  expect([...device.read(7, at, 3)]).toEqual([0x09, 0, 16]);
  expect(Buffer.from(device.read(7, at + 4, 4)).toString()).toBe('XR24');
  expect([le32(device, 7, at + 8), le32(device, 7, at + 12)]).toEqual([width, height]);

  // The size of the BAR, as firmware finds it.
  setLe32(device, 7, 0x10, 0xffff_ffff);
  expect(le32(device, 7, 0x10)).toBe(2 ** 32 - size + 8);
  setLe32(device, 7, 0x10, 0xfd00_0000);
  expect(le32(device, 7, 0x10)).toBe(0xfd00_0008);
  setLe32(device, 7, 0x14, 0xffff_ffff);
  expect(le32(device, 7, 0x14)).toBe(0);

  const shades = [0, height / 2, height - 1].map(
    (y) => device.read(0, Math.trunc(y) * width * 4, 1)[0],
  );
  expect(shades).toEqual([0, 127, 254]);
  device.write(0, 0, new Uint8Array(width * 4).fill(9));
  device.reset();
  expect([...device.read(0, 0, 2)]).toEqual([0, 0]);
  expect(le32(device, 7, 0x10)).toBe(8);
});

it.each([
  '',
  'virtual display',
  'virtual display, 0x480 framebuffer',
  'virtual display, 999999x999999 framebuffer',
])('has no device of a type with the description %j', (description) => {
  expect(mdpy.model?.({ id: 'mdpy-x', deviceApi: 'vfio-pci', description })).toBeUndefined();
});
