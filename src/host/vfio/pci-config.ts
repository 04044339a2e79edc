import type { DeviceModel, DeviceRegion } from '../../drivers/device-model.ts';
import { byteOf, joinBytes } from '../../drivers/registers.ts';
import { VfioError } from './error.ts';

/** Offsets (PCI Local Bus Specification 3.0, figure 6-1). */
const AT = {
  vendor: 0x00,
  device: 0x02,
  command: 0x04,
  status: 0x06,
  class: 0x09,
  bars: 0x10,
  subsystemVendor: 0x2c,
  subsystem: 0x2e,
  capabilities: 0x34,
  line: 0x3c,
  pin: 0x3d,
  deviceSpecific: 0x40,
} as const;

/** Bits of the command register: I/O space, memory space, bus master (table 6-1). */
const COMMAND = 0x0007;
const INTERRUPT_DISABLE = 0x0400;
/** Bits of the status register (table 6-2). */
const STATUS = { interrupt: 0x08, capabilities: 0x10 } as const;
const SPACE = { io: 0x1, memory: 0x0, prefetchable: 0x8 } as const;
/** The size of the smallest and of the largest BAR of 32 bits (6.2.5.1). */
const MIN_SIZE = { io: 4, memory: 16, prefetchable: 16 } as const;
const MAX_SIZE = 2 ** 31;
const BARS = 6;

/** The configuration space of a PCI function with a header of type 0 (PCI Local Bus Specification 3.0, chapter 6). */
export class PciConfig implements DeviceRegion {
  readonly size = 256;
  readonly #initial = new DataView(new ArrayBuffer(this.size));
  readonly #now = new DataView(new ArrayBuffer(this.size));
  /** The bits that software may change. */
  readonly #writable = new DataView(new ArrayBuffer(this.size));
  readonly #setPin: (asserted: boolean) => void;
  #asserted = false;

  /**
   * @param setPin is told the level of the pin, which the command register may disable
   * @throws VfioError EINVAL: a region cannot be a BAR, or the capabilities find no room
   */
  constructor(model: DeviceModel, setPin: (asserted: boolean) => void) {
    this.#setPin = setPin;
    const { ids, interrupts, regions } = model;
    const config = this.#initial;
    config.setUint16(AT.vendor, ids.vendor, true);
    config.setUint16(AT.device, ids.product, true);
    config.setUint8(AT.class, ids.class & 0xff);
    config.setUint16(AT.class + 1, ids.class >>> 8, true);
    config.setUint16(AT.subsystemVendor, ids.subsystem?.vendor ?? 0, true);
    config.setUint16(AT.subsystem, ids.subsystem?.product ?? 0, true);
    config.setUint8(AT.pin, interrupts ? 1 : 0);
    this.#writable.setUint16(AT.command, COMMAND | (interrupts ? INTERRUPT_DISABLE : 0), true);
    this.#writable.setUint8(AT.line, 0xff);
    for (let bar = 0; bar < BARS; bar += 1) {
      const region = regions.get(bar);
      if (region !== undefined) this.#setBar(bar, region);
    }
    if (model.capabilities !== undefined) this.#setCapabilities(model.capabilities);
    this.reset();
  }

  #setBar(bar: number, { size, space = 'memory' }: DeviceRegion): void {
    if (!Number.isInteger(Math.log2(size)) || size < MIN_SIZE[space] || size > MAX_SIZE) {
      throw new VfioError('EINVAL', `a BAR of ${size} bytes`);
    }
    this.#initial.setUint32(AT.bars + 4 * bar, SPACE[space], true);
    // Who writes ones reads back the size: the bits below it cannot be changed (6.2.5.1).
    this.#writable.setUint32(AT.bars + 4 * bar, -size, true);
  }

  #setCapabilities(list: Uint8Array): void {
    if (list.length > this.size - AT.deviceSpecific) {
      throw new VfioError('EINVAL', `${list.length} bytes of capabilities`);
    }
    for (const [at, byte] of list.entries()) this.#initial.setUint8(AT.deviceSpecific + at, byte);
    this.#initial.setUint8(AT.capabilities, AT.deviceSpecific);
    this.#initial.setUint8(AT.status, STATUS.capabilities);
  }

  reset(): void {
    for (let at = 0; at < this.size; at += 1) this.#now.setUint8(at, this.#initial.getUint8(at));
    this.interrupt(false);
  }

  /** The function asks for attention, or does not any more. The status register shows it even when it is disabled (6.2.3). */
  interrupt(asserted: boolean): void {
    this.#asserted = asserted;
    const others = this.#now.getUint8(AT.status) & ~STATUS.interrupt;
    this.#now.setUint8(AT.status, others | (asserted ? STATUS.interrupt : 0));
    this.#tellPin();
  }

  read(offset: number, width: number): number {
    return joinBytes(width, (at) => this.#now.getUint8(offset + at));
  }

  write(offset: number, width: number, value: number): void {
    for (let at = 0; at < width; at += 1) {
      const writable = this.#writable.getUint8(offset + at);
      const kept = this.#now.getUint8(offset + at) & ~writable;
      this.#now.setUint8(offset + at, kept | (byteOf(value, at) & writable));
    }
    if (offset <= AT.command + 1 && offset + width > AT.command) this.#tellPin();
  }

  #tellPin(): void {
    const isDisabled = (this.#now.getUint16(AT.command, true) & INTERRUPT_DISABLE) !== 0;
    this.#setPin(this.#asserted && !isDisabled);
  }
}
