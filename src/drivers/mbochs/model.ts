import type {
  DeviceBus,
  DeviceMemory,
  DeviceModel,
  DeviceRegion,
  PciIds,
} from '../device-model.ts';
import { byteOf, joinBytes } from '../registers.ts';

/** 1234:1111, the Bochs display without VGA's ports and memory; subsystem 1af4:1100. */
export const MBOCHS_IDS: PciIds = {
  class: 0x038000,
  vendor: 0x1234,
  product: 0x1111,
  subsystem: { vendor: 0x1af4, product: 0x1100 },
};

/** What a BAR of 32 bits can hold, in MiB. */
export const MBOCHS_MEGABYTES = 2048;

const MMIO_SIZE = 4096;
/** Where the registers are in BAR 2 (QEMU's docs/specs/standard-vga.rst). What else is there reads as 0. */
const DISPI = 0x500;

/** The registers, of 16 bits each (Jeroen Janssen, VBE Display API 0.6). */
const REGISTER = {
  id: 0,
  width: 1,
  height: 2,
  bitsPerPixel: 3,
  enable: 4,
  bank: 5,
  virtualWidth: 6,
  virtualHeight: 7,
  xOffset: 8,
  yOffset: 9,
  memory: 10,
} as const;
const COUNT = 11;
const ENABLE = { enabled: 0x01, capabilities: 0x02, keepMemory: 0x80 } as const;
/** The versions of the interface; the last one is what it has. */
const VERSIONS = { first: 0xb0c0, last: 0xb0c5 } as const;
/** The highest width, height and bits per pixel, as Bochs says. */
const CAPABILITIES: readonly number[] = [2560, 1600, 32];

/**
 * The display of mbochs: BAR 0 is its memory, BAR 2 has the registers of Bochs' VBE extensions, which set a mode. No interrupt.
 */
export function mbochsModel(megabytes: number, bus: DeviceBus): DeviceModel {
  const size = megabytes * 2 ** 20;
  const memory = bus.memory(0, size);
  const display = new Dispi(memory);
  return {
    ids: MBOCHS_IDS,
    interrupts: false,
    regions: new Map<number, DeviceRegion>([
      [0, { size, space: 'prefetchable', memory }],
      [2, mmioOf(display)],
    ]),
    reset: () => display.reset(),
  };
}

function mmioOf(display: Dispi): DeviceRegion {
  const byteAt = (offset: number) => byteOf(display.read((offset - DISPI) >> 1), offset & 1);
  return {
    size: MMIO_SIZE,
    read: (offset, width) => joinBytes(width, (at) => byteAt(offset + at)),
    write: (offset, width, value) => {
      // A register that is not written as a whole keeps the rest of its bits.
      for (let at = offset & ~1; at < offset + width; at += 2) {
        const half = joinBytes(2, (index) => {
          const isWritten = at + index >= offset && at + index < offset + width;
          return isWritten ? byteOf(value, at + index - offset) : byteAt(at + index);
        });
        display.write((at - DISPI) >> 1, half);
      }
    },
  };
}

class Dispi {
  readonly #memory: DeviceMemory;
  readonly #registers = new Uint16Array(COUNT);

  constructor(memory: DeviceMemory) {
    this.#memory = memory;
    this.reset();
  }

  reset(): void {
    this.#registers.fill(0);
    this.#registers[REGISTER.id] = VERSIONS.last;
    this.#registers[REGISTER.memory] = this.#memory.size / 2 ** 16;
  }

  /** 0 of a register that is not there. */
  read(register: number): number {
    const asksCapabilities = (this.#at(REGISTER.enable) & ENABLE.capabilities) !== 0;
    const capability = CAPABILITIES[register - REGISTER.width];
    return asksCapabilities && capability !== undefined ? capability : this.#at(register);
  }

  write(register: number, value: number): void {
    switch (register) {
      case REGISTER.id:
        if (value < VERSIONS.first || value > VERSIONS.last) return;
        break;
      case REGISTER.width:
      case REGISTER.height:
      case REGISTER.bitsPerPixel:
        // A mode is set while it is disabled.
        if (this.#isEnabled) return;
        break;
      case REGISTER.enable:
        if (value & ENABLE.enabled && !this.#isEnabled) this.#startMode(value);
        break;
      case REGISTER.virtualWidth:
        this.#setVirtualWidth(value);
        return;
      case REGISTER.virtualHeight:
      case REGISTER.memory:
        return;
    }
    // What is beyond an array of this kind is not stored.
    this.#registers[register] = value;
  }

  #at(register: number): number {
    return this.#registers[register] ?? 0;
  }

  get #isEnabled(): boolean {
    return (this.#at(REGISTER.enable) & ENABLE.enabled) !== 0;
  }

  get #bytesPerPixel(): number {
    return Math.ceil((this.#at(REGISTER.bitsPerPixel) || 8) / 8);
  }

  /** A mode starts in the upper left of a virtual screen of its width, and with black unless the memory shall be kept. */
  #startMode(enable: number): void {
    this.#setVirtualWidth(this.#at(REGISTER.width));
    this.#registers[REGISTER.xOffset] = 0;
    this.#registers[REGISTER.yOffset] = 0;
    if (enable & ENABLE.keepMemory) return;
    const pixels = this.#at(REGISTER.width) * this.#at(REGISTER.height);
    const end = Math.min(pixels * this.#bytesPerPixel, this.#memory.size);
    const black = new Uint8Array(2 ** 16);
    for (let at = 0; at < end; at += black.length) {
      this.#memory.write(at, black.subarray(0, end - at));
    }
  }

  /** The virtual screen is as high as the memory allows. */
  #setVirtualWidth(width: number): void {
    const line = width * this.#bytesPerPixel;
    this.#registers[REGISTER.virtualWidth] = width;
    this.#registers[REGISTER.virtualHeight] =
      line === 0 ? 0 : Math.min(0xffff, Math.trunc(this.#memory.size / line));
  }
}
