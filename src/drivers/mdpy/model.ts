import type { DeviceBus, DeviceMemory, DeviceModel, PciIds } from '../device-model.ts';

/** 1b36:000f of Red Hat, a display controller that is not VGA compatible; subsystem 1af4:1100. */
export const MDPY_IDS: PciIds = {
  class: 0x038000,
  vendor: 0x1b36,
  product: 0x000f,
  subsystem: { vendor: 0x1af4, product: 0x1100 },
};

/** `XR24`, DRM_FORMAT_XRGB8888: blue, green, red and an unused byte. */
const FORMAT = 0x34325258;
const BYTES_PER_PIXEL = 4;
const PAGE = 4096;
/** What a BAR of 32 bits can hold. */
export const MDPY_PIXELS = 2 ** 31 / BYTES_PER_PIXEL;

/**
 * The display of mdpy: BAR 0 is a framebuffer; a vendor capability at 0x40 says its format, width and height, each in 32 bits
 * (kernel: samples/vfio-mdev/mdpy-defs.h). It has no other register, and no interrupt.
 */
export function mdpyModel(
  screen: { readonly width: number; readonly height: number },
  bus: DeviceBus,
): DeviceModel {
  const bytes = screen.width * screen.height * BYTES_PER_PIXEL;
  const size = Math.max(PAGE, 2 ** Math.ceil(Math.log2(bytes)));
  const memory = bus.memory(0, size);
  return {
    ids: MDPY_IDS,
    interrupts: false,
    capabilities: capability(screen),
    regions: new Map([[0, { size, space: 'prefetchable', memory }]]),
    reset: () => drawGradient(memory, screen),
  };
}

/** A vendor-specific capability (PCI Local Bus Specification 3.0, appendix H): id 9, none after it, its length. */
function capability({ width, height }: { readonly width: number; readonly height: number }) {
  const view = new DataView(new ArrayBuffer(16));
  view.setUint8(0, 0x09);
  view.setUint8(2, view.byteLength);
  view.setUint32(4, FORMAT, true);
  view.setUint32(8, width, true);
  view.setUint32(12, height, true);
  return new Uint8Array(view.buffer);
}

/** From black at the top to white at the bottom: what a display shows that no driver uses yet. */
function drawGradient(
  memory: DeviceMemory,
  { width, height }: { readonly width: number; readonly height: number },
): void {
  const line = new Uint8Array(width * BYTES_PER_PIXEL);
  for (let y = 0; y < height; y += 1) {
    memory.write(y * line.length, line.fill((y * 255) / height));
  }
}
