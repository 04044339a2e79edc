import { expect, it, vi } from 'vitest';
import type { DeviceModel } from '../../../src/drivers/device-model.ts';
import type { Driver } from '../../../src/drivers/driver.ts';
import { checkedDriver } from '../../../src/host/simulated/own-driver.ts';
import { DMA_FLAG, IRQ_SET } from '../../../src/host/vfio/constants.ts';
import { VfioDevice } from '../../../src/host/vfio/device.ts';
import { LockedMemory } from '../../../src/host/vfio/locked-memory.ts';
import { lampsDriver } from '../../support/lamps.ts';
import { arrayMemory, le32, plugged, setLe32 } from './plugged.ts';

const type = { id: 'lamps-4', deviceApi: 'vfio-pci' };
const plugOf = (driver: Driver) => {
  const plug = driver.model?.(type);
  if (plug === undefined) throw new Error('no model');
  return plug;
};

it('the example of a driver has a device that works, and takes what the guest has in its memory', async () => {
  const locked = new LockedMemory();
  const device = new VfioDevice(
    plugOf(checkedDriver(lampsDriver)),
    (_, size) => arrayMemory(size),
    locked,
  );
  let interrupts = 0;
  const irqs = { index: 0, start: 0, count: 1 };
  device.setIrqs({
    ...irqs,
    flags: IRQ_SET.trigger | IRQ_SET.eventfd,
    signals: [() => void (interrupts += 1)],
  });
  expect([le32(device, 7, 0), le32(device, 0, 0)]).toEqual([0x0001_1af4, 4]);

  setLe32(device, 0, 4, 0x35);
  expect([interrupts, le32(device, 0, 4)]).toEqual([1, 0x5]);
  device.setIrqs({ ...irqs, flags: IRQ_SET.unmask | IRQ_SET.none });
  expect(interrupts).toBe(1);

  const guest = arrayMemory(8192);
  guest.write(4100, new Uint8Array([0xfa]));
  device.map({
    iova: 0x10000,
    size: 8192,
    flags: DMA_FLAG.read,
    memory: {
      read: (iova, count) => {
        expect(locked.pages).toBe(1);
        return Promise.resolve(guest.read(iova - 0x10000, count));
      },
      write: () => Promise.resolve(),
    },
  });
  setLe32(device, 0, 8, 0x10000 + 4100);
  await vi.waitFor(() => expect(interrupts).toBe(2), { timeout: 60_000 });
  expect([le32(device, 0, 4), locked.pages]).toEqual([0xa, 0]);

  device.setIrqs({ ...irqs, flags: IRQ_SET.unmask | IRQ_SET.none });
  setLe32(device, 0, 8, 0x20000);
  await vi.waitFor(() => expect(interrupts).toBe(3), { timeout: 60_000 });
  expect([le32(device, 0, 4), locked.pages]).toEqual([0, 0]);
});

const good: DeviceModel = {
  ids: { class: 0, vendor: 0, product: 0 },
  interrupts: false,
  regions: new Map(),
  reset: () => undefined,
};
it.each<[what: string, model: unknown, says: string]>([
  ['nothing', undefined, 'no device: '],
  ['no ids', { ...good, ids: undefined }, 'no device: ids'],
  ['too large an id', { ...good, ids: { ...good.ids, vendor: 0x10000 } }, 'no device: ids.vendor'],
  ['no map', { ...good, regions: {} }, 'no device: regions'],
  [
    'its own configuration space',
    { ...good, regions: new Map([[7, { size: 256 }]]) },
    'no device: regions',
  ],
  ['a region without a size', { ...good, regions: new Map([[0, {}]]) }, 'no device: regions'],
  ['no reset', { ...good, reset: undefined }, 'no device: reset'],
  ['a promise', Promise.resolve(good), 'answers with a promise'],
])("a driver's device with %s is refused", (_what, model, says) => {
  const driver = checkedDriver({ ...lampsDriver, model: () => () => model });
  expect(() => plugged(plugOf(driver))).toThrow(
    expect.objectContaining({ code: 'driver-invalid', message: expect.stringContaining(says) }),
  );
});

it('a driver may have no device of a type, but nothing else than a function', () => {
  expect(checkedDriver({ ...lampsDriver, model: () => undefined }).model?.(type)).toBeUndefined();
  const wrong = checkedDriver({ ...lampsDriver, model: () => 7 });
  expect(() => wrong.model?.(type)).toThrow('which is no function that makes a device');
});
