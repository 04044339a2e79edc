import type {
  DeviceBus,
  DeviceMemory,
  DeviceModel,
  DeviceRegion,
  RegionArea,
  RegionType,
} from '../../drivers/device-model.ts';
import {
  CONFIG_REGION,
  DEVICE_FLAG,
  IRQ_FLAG,
  PCI_IRQS,
  PCI_REGIONS,
  REGION_FLAG,
} from './constants.ts';
import { type DmaMapping, DmaSpace } from './dma.ts';
import { VfioError } from './error.ts';
import { checkIrqSet, Intx, type IrqSet } from './intx.ts';
import { LockedMemory } from './locked-memory.ts';
import { PciConfig } from './pci-config.ts';

export interface DeviceInfo {
  readonly flags: number;
  readonly regions: number;
  readonly irqs: number;
}

export interface RegionInfo {
  /** 0 of a region that the device does not have. */
  readonly size: number;
  readonly flags: number;
  /** VFIO_REGION_INFO_CAP_SPARSE_MMAP: what can be mapped, when that is not all of it. */
  readonly areas?: readonly RegionArea[] | undefined;
  /** VFIO_REGION_INFO_CAP_TYPE. */
  readonly type?: RegionType | undefined;
}

export interface IrqInfo {
  readonly flags: number;
  /** 0 of interrupts that the device does not have. */
  readonly count: number;
}

/**
 * An open device: what the kernel's VFIO answers about it (linux/vfio.h; Documentation/driver-api/vfio.rst). Calls are ioctls
 * and accesses of its file, without the numbers and buffers. Every refusal is a {@link VfioError}; ENODEV after `close`.
 */
export class VfioDevice {
  readonly #model: DeviceModel;
  readonly #config: PciConfig;
  readonly #regions: ReadonlyMap<number, DeviceRegion>;
  readonly #regionCount: number;
  readonly #intx = new Intx();
  readonly #dma: DmaSpace;
  #isOpen = true;

  /**
   * @param plug makes the device (`Driver.model`)
   * @param memory gives the device the memory of a region, zeroed: an array, or a file that the user of the device maps
   * @param locked the account of the VM that opens it; absent: one of its own
   * @throws VfioError EINVAL: it could not be a PCI function
   */
  constructor(
    plug: (bus: DeviceBus) => DeviceModel,
    memory: DeviceBus['memory'],
    locked = new LockedMemory(),
  ) {
    this.#dma = new DmaSpace(locked);
    const interrupt = (asserted: boolean) => this.#config.interrupt(asserted);
    this.#model = plug({ memory, interrupt, guest: this.#dma });
    this.#config = new PciConfig(this.#model, (asserted) => this.#intx.assert(asserted));
    this.#regions = new Map([...this.#model.regions, [CONFIG_REGION, this.#config]]);
    this.#regionCount = Math.max(PCI_REGIONS, ...[...this.#regions.keys()].map((n) => n + 1));
    this.#model.reset();
  }

  /** VFIO_DEVICE_GET_INFO. */
  info(): DeviceInfo {
    this.#mustBeOpen('get info');
    const flags = DEVICE_FLAG.pci | DEVICE_FLAG.reset;
    return { flags, regions: this.#regionCount, irqs: PCI_IRQS };
  }

  /**
   * VFIO_DEVICE_GET_REGION_INFO.
   *
   * @throws VfioError EINVAL: there is no such region
   */
  regionInfo(index: number): RegionInfo {
    this.#checkIndex('get region info', index, this.#regionCount);
    const region = this.#regions.get(index);
    if (region === undefined) return { size: 0, flags: 0 };
    const { size, memory, mapped, type } = region;
    const hasCaps = mapped !== undefined || type !== undefined;
    const flags =
      (memory || region.read ? REGION_FLAG.read : 0) |
      (memory || region.write ? REGION_FLAG.write : 0) |
      (memory ? REGION_FLAG.mmap : 0) |
      (hasCaps ? REGION_FLAG.caps : 0);
    return { size, flags, areas: mapped, type };
  }

  /**
   * VFIO_DEVICE_GET_IRQ_INFO: a device with an interrupt pin has one INTx, index 0. There are no others.
   *
   * @throws VfioError EINVAL: there is no such index
   */
  irqInfo(index: number): IrqInfo {
    this.#checkIndex('get irq info', index, PCI_IRQS);
    if (index !== 0 || !this.#model.interrupts) return { flags: 0, count: 0 };
    return { flags: IRQ_FLAG.eventfd | IRQ_FLAG.maskable | IRQ_FLAG.automasked, count: 1 };
  }

  /**
   * VFIO_DEVICE_SET_IRQS.
   *
   * @throws VfioError as {@link checkIrqSet} and {@link Intx.set}
   */
  setIrqs(set: IrqSet): void {
    checkIrqSet(set, this.irqInfo(set.index).count);
    this.#intx.set(set);
  }

  /** VFIO_DEVICE_RESET: the device is as after power-on. Who is connected to its interrupt stays connected. */
  reset(): void {
    this.#mustBeOpen('reset');
    this.#config.reset();
    this.#model.reset();
  }

  /**
   * Reads at most `count` bytes: fewer where the region ends before.
   *
   * @throws VfioError EINVAL: there is no such region or offset, or it cannot be read; EFAULT: beyond the end of configuration space
   */
  read(index: number, offset: number, count: number): Uint8Array {
    const { region, length } = this.#access('read', index, offset, count);
    const bytes = new Uint8Array(length);
    const view = new DataView(bytes.buffer);
    for (const part of partsOf(region, offset, length)) {
      const at = part.offset - offset;
      if (part.memory) bytes.set(part.memory.read(part.offset, part.size), at);
      else setValue(view, at, part.size, region.read?.(part.offset, part.size) ?? 0);
    }
    return bytes;
  }

  /**
   * Writes the bytes: fewer where the region ends before.
   *
   * @returns how many were written
   * @throws VfioError as {@link read}
   */
  write(index: number, offset: number, bytes: Uint8Array): number {
    const { region, length } = this.#access('write', index, offset, bytes.length);
    const view = new DataView(bytes.buffer, bytes.byteOffset, length);
    for (const part of partsOf(region, offset, length)) {
      const at = part.offset - offset;
      if (part.memory) part.memory.write(part.offset, bytes.subarray(at, at + part.size));
      else region.write?.(part.offset, part.size, valueAt(view, at, part.size));
    }
    return length;
  }

  /**
   * The memory behind a region, as it was given: what mmap of the device's file maps.
   *
   * @throws VfioError EINVAL: the region cannot be mapped
   */
  memory(index: number): DeviceMemory {
    this.#checkIndex('mmap', index, this.#regionCount);
    const memory = this.#regions.get(index)?.memory;
    if (memory === undefined) throw new VfioError('EINVAL', `mmap: region ${index} has no memory`);
    return memory;
  }

  /** VFIO_IOMMU_MAP_DMA: {@link DmaSpace.map}. */
  map(mapping: DmaMapping): void {
    this.#mustBeOpen('map');
    this.#dma.map(mapping);
  }

  /** VFIO_IOMMU_UNMAP_DMA: {@link DmaSpace.unmap}. */
  unmap(iova: number, size: number): number {
    this.#mustBeOpen('unmap');
    return this.#dma.unmap(iova, size);
  }

  /** VFIO_IOMMU_UNMAP_DMA with VFIO_DMA_UNMAP_FLAG_ALL: nothing stays mapped or pinned. */
  unmapAll(): void {
    this.#mustBeOpen('unmap');
    this.#dma.detach();
  }

  /** Closes the file: nobody is signalled any more, and nothing stays mapped or pinned. */
  close(): void {
    this.#intx.disconnect();
    this.#dma.detach();
    this.#isOpen = false;
  }

  /** As vfio_pci_rw (drivers/vfio/pci): accesses end where a region ends, but configuration space is not left. */
  #access(call: 'read' | 'write', index: number, offset: number, count: number) {
    this.#checkIndex(call, index, this.#regionCount);
    const region = this.#regions.get(index);
    const isPossible = region?.memory !== undefined || region?.[call] !== undefined;
    if (region === undefined || !isPossible || offset >= region.size) {
      throw new VfioError('EINVAL', `${call}: region ${index} has nothing at ${offset}`);
    }
    if (index === CONFIG_REGION && offset + count > region.size) {
      throw new VfioError('EFAULT', `${call}: ${count} bytes at ${offset} of configuration space`);
    }
    return { region, length: Math.min(count, region.size - offset) };
  }

  #checkIndex(call: string, index: number, count: number): void {
    this.#mustBeOpen(call);
    if (index >= count) throw new VfioError('EINVAL', `${call}: no index ${index}`);
  }

  #mustBeOpen(call: string): void {
    if (!this.#isOpen) throw new VfioError('ENODEV', `${call}: the device is closed`);
  }
}

interface Part extends RegionArea {
  readonly memory?: DeviceMemory | undefined;
}

/** An access in parts: whole pieces of memory; of registers, the largest naturally aligned 4, 2 or 1 bytes. */
function* partsOf(region: DeviceRegion, from: number, length: number): Generator<Part> {
  const { memory, size, mapped = [{ offset: 0, size }] } = region;
  const end = from + length;
  let offset = from;
  while (offset < end) {
    const at = offset;
    const area = memory && mapped.find((each) => at >= each.offset && at < each.offset + each.size);
    const part: Part = area
      ? { offset, size: Math.min(end, area.offset + area.size) - offset, memory }
      : { offset, size: [4, 2].find((width) => at % width === 0 && at + width <= end) ?? 1 };
    yield part;
    offset += part.size;
  }
}

function setValue(view: DataView, at: number, width: number, value: number): void {
  if (width === 4) view.setUint32(at, value, true);
  else if (width === 2) view.setUint16(at, value, true);
  else view.setUint8(at, value);
}

function valueAt(view: DataView, at: number, width: number): number {
  if (width === 4) return view.getUint32(at, true);
  return width === 2 ? view.getUint16(at, true) : view.getUint8(at);
}
