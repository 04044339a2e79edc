import type { DeviceBus, DeviceModel, DeviceRegion, PciIds } from '../device-model.ts';
import { byteOf, joinBytes } from '../registers.ts';
import { Uart } from './uart.ts';

/** 4348:3253 of WCH, a serial card with 16550 ports. */
export const MTTY_IDS: PciIds = {
  class: 0x070002,
  vendor: 0x4348,
  product: 0x3253,
  subsystem: { vendor: 0x4348, product: 0x3253 },
};

/** The registers of a port. */
const SIZE = 8;

/**
 * The serial card of mtty: a 16550 of 8 I/O ports in a BAR of its own for each port, from BAR 0 on; all share INTA#. What a
 * port sends it receives (Documentation/driver-api/vfio-mediated-device.rst, on this sample).
 */
export function mttyModel(ports: 1 | 2, bus: DeviceBus): DeviceModel {
  const uarts: readonly Uart[] = Array.from(
    { length: ports },
    () => new Uart(() => bus.interrupt(uarts.some(({ interrupts }) => interrupts))),
  );
  return {
    ids: MTTY_IDS,
    interrupts: true,
    regions: new Map(uarts.map((uart, index) => [index, portOf(uart)])),
    reset: () => {
      for (const uart of uarts) uart.reset();
    },
  };
}

/** The registers have one byte each: a wider access is one of each. */
function portOf(uart: Uart): DeviceRegion {
  return {
    size: SIZE,
    space: 'io',
    read: (offset, width) => joinBytes(width, (at) => uart.read(offset + at)),
    write: (offset, width, value) => {
      for (let at = 0; at < width; at += 1) uart.write(offset + at, byteOf(value, at));
    },
  };
}
