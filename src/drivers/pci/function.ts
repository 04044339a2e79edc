import type { DeviceRegion } from '../device-model.ts';
import { byteOf, joinBytes } from './registers.ts';

/** What a PCI function is by its header. */
export interface PciIds {
  /** 24 bits: base class, subclass, programming interface. */
  readonly class: number;
  readonly vendor: number;
  readonly product: number;
  readonly subsystem?: { readonly vendor: number; readonly product: number } | undefined;
}

export interface PciBar {
  /** In bytes, a power of two: I/O ports from 4, memory from 16. */
  readonly size: number;
  readonly space: 'io' | 'memory' | 'prefetchable';
}

export interface PciHeader extends PciIds {
  /** By number, 0 to 5. All are 32 bits wide. */
  readonly bars: readonly (PciBar | undefined)[];
  /** INTA# is 1; 0: the function has no interrupt. */
  readonly pin: 0 | 1;
  /** The list of capabilities, from offset 0x40 on, each with the offset of the next one. */
  readonly capabilities?: Uint8Array | undefined;
}

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

/** The configuration space of a PCI function with a header of type 0 (PCI Local Bus Specification 3.0, chapter 6). */
export class PciFunction implements DeviceRegion {
  readonly size: number = 256;
  readonly #initial = new DataView(new ArrayBuffer(this.size));
  readonly #now = new DataView(new ArrayBuffer(this.size));
  /** The bits that software may change. */
  readonly #writable = new DataView(new ArrayBuffer(this.size));
  readonly #setPin: (asserted: boolean) => void;
  #asserted = false;

  /** @param setPin is told the level of the pin, which the command register may disable */
  constructor(header: PciHeader, setPin: (asserted: boolean) => void) {
    this.#setPin = setPin;
    const config = this.#initial;
    config.setUint16(AT.vendor, header.vendor, true);
    config.setUint16(AT.device, header.product, true);
    config.setUint8(AT.class, header.class & 0xff);
    config.setUint16(AT.class + 1, header.class >>> 8, true);
    config.setUint16(AT.subsystemVendor, header.subsystem?.vendor ?? 0, true);
    config.setUint16(AT.subsystem, header.subsystem?.product ?? 0, true);
    config.setUint8(AT.pin, header.pin);
    this.#writable.setUint16(
      AT.command,
      COMMAND | (header.pin === 0 ? 0 : INTERRUPT_DISABLE),
      true,
    );
    this.#writable.setUint8(AT.line, 0xff);
    for (const [index, bar] of header.bars.entries()) {
      if (bar === undefined) continue;
      config.setUint32(AT.bars + 4 * index, SPACE[bar.space], true);
      // Who writes ones reads back the size: the bits below it cannot be changed (6.2.5.1).
      this.#writable.setUint32(AT.bars + 4 * index, -bar.size, true);
    }
    for (const [index, byte] of (header.capabilities ?? []).entries()) {
      config.setUint8(AT.deviceSpecific + index, byte);
      config.setUint8(AT.capabilities, AT.deviceSpecific);
      config.setUint8(AT.status, STATUS.capabilities);
    }
    this.reset();
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
