import type { DeviceBus, DeviceMemory, DeviceModel } from '../../../src/drivers/device-model.ts';
import { VfioDevice } from '../../../src/host/vfio/device.ts';
import { VfioError } from '../../../src/host/vfio/error.ts';

export function arrayMemory(size: number): DeviceMemory {
  const bytes = new Uint8Array(size);
  return {
    size,
    read: (offset, count) => bytes.slice(offset, offset + count),
    write: (offset, written) => bytes.set(written, offset),
  };
}

/** An open device in front of arrays. */
export const plugged = (plug: ((bus: DeviceBus) => DeviceModel) | undefined): VfioDevice => {
  if (plug === undefined) throw new Error('this type has no model');
  return new VfioDevice(plug, (_region, size) => arrayMemory(size));
};

/** What a call gives, its bytes as numbers; an errno when it is refused. */
export function answer(call: () => unknown): unknown {
  try {
    const result = call();
    return result instanceof Uint8Array ? [...result] : result;
  } catch (error) {
    if (error instanceof VfioError) return error.errno;
    throw error;
  }
}

export const le32 = (device: VfioDevice, region: number, offset: number): number =>
  new DataView(device.read(region, offset, 4).buffer).getUint32(0, true);

export const setLe32 = (device: VfioDevice, region: number, offset: number, value: number) => {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return device.write(region, offset, bytes);
};
