import type { GuestAccess, GuestMemory } from '../../drivers/device-model.ts';
import { DMA_FLAG } from './constants.ts';
import { VfioError } from './error.ts';
import type { LockedMemory } from './locked-memory.ts';

/** How memory that is mapped is reached, by the addresses of the device: a file, or messages of vfio-user. */
export type MappedMemory = Pick<GuestMemory, 'read' | 'write'>;

export interface DmaMapping {
  /** The address that the device sees. */
  readonly iova: number;
  readonly size: number;
  /** {@link DMA_FLAG}. */
  readonly flags: number;
  readonly memory: MappedMemory;
}

const PAGE = 4096;
/** As type1's module parameter dma_entry_limit. */
const MAX_MAPPINGS = 65_535;
/** VFIO_PIN_PAGES_MAX_ENTRIES. */
const MAX_PAGES = 512;

/**
 * What a device reaches of its VM's memory: the kernel's type1 IOMMU for a device without one in hardware, which pins only the
 * pages that its driver asks for (drivers/vfio/vfio_iommu_type1.c). Every refusal is a {@link VfioError}.
 */
export class DmaSpace implements GuestMemory {
  readonly #locked: LockedMemory;
  /** By address. */
  readonly #mappings: DmaMapping[] = [];
  /** By page, how often it is pinned. */
  readonly #pins = new Map<number, number>();

  /** @param locked the account of the VM */
  constructor(locked: LockedMemory) {
    this.#locked = locked;
  }

  /**
   * VFIO_IOMMU_MAP_DMA.
   *
   * @throws VfioError EINVAL: no whole pages, an address beyond 2^53, no or unknown flags; EEXIST: a part is mapped; ENOSPC: too many
   * mappings
   */
  map(mapping: DmaMapping): void {
    const { iova, size, flags } = mapping;
    const allowed = DMA_FLAG.read | DMA_FLAG.write;
    if ((flags & allowed) === 0 || (flags & ~allowed) !== 0) {
      throw new VfioError('EINVAL', `map: flags 0x${flags.toString(16)}`);
    }
    checkRange('map', iova, size);
    const at = this.#firstAfter(iova);
    const next = this.#mappings[at];
    if (next !== undefined && next.iova < iova + size) {
      throw new VfioError('EEXIST', `map: 0x${next.iova.toString(16)} is mapped`);
    }
    if (this.#mappings.length >= MAX_MAPPINGS) {
      throw new VfioError('ENOSPC', `map: there are ${MAX_MAPPINGS} mappings`);
    }
    this.#mappings.splice(at, 0, mapping);
  }

  /**
   * VFIO_IOMMU_UNMAP_DMA: removes the mappings inside the range. What is pinned there is unpinned; the kernel would ask the driver
   * to do it first, and count on it.
   *
   * @returns the bytes that were mapped
   * @throws VfioError EINVAL: no whole pages, or the range has only a part of a mapping
   */
  unmap(iova: number, size: number): number {
    checkRange('unmap', iova, size);
    const end = iova + size;
    const from = this.#firstAfter(iova);
    const to = this.#firstAfter(end - 1) + (this.#at(end - 1) === undefined ? 0 : 1);
    const removed = this.#mappings.slice(from, to);
    const last = removed.at(-1);
    if (removed.some((each) => each.iova < iova) || (last && endOf(last) > end)) {
      throw new VfioError('EINVAL', 'unmap: only a part of a mapping');
    }
    this.#mappings.splice(from, removed.length);
    for (const page of this.#pins.keys()) {
      if (page * PAGE >= iova && page * PAGE < end) this.#release(page);
    }
    return removed.reduce((total, each) => total + each.size, 0);
  }

  pin(iova: number, pages: number, access: GuestAccess): void {
    if (pages > MAX_PAGES) throw new VfioError('E2BIG', `pin: ${pages} pages at once`);
    checkRange('pin', iova, pages * PAGE);
    this.#parts('pin', iova, pages * PAGE, access);
    let done = 0;
    try {
      for (; done < pages; done += 1) this.#pinPage(iova / PAGE + done);
    } catch (error) {
      this.unpin(iova, done);
      throw error;
    }
  }

  unpin(iova: number, pages: number): number {
    let unpinned = 0;
    for (let page = iova / PAGE; page < iova / PAGE + pages; page += 1) {
      const pins = this.#pins.get(page);
      if (pins === undefined) continue;
      unpinned += 1;
      if (pins > 1) this.#pins.set(page, pins - 1);
      else this.#release(page);
    }
    return unpinned;
  }

  // As vfio_dma_rw: a part for each mapping, but all of it is allowed before the first part is done.
  async read(iova: number, count: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(count);
    for (const { memory, at, size } of this.#parts('read', iova, count, { read: true })) {
      bytes.set(await memory.read(at, size), at - iova);
    }
    return bytes;
  }

  async write(iova: number, bytes: Uint8Array): Promise<void> {
    for (const { memory, at, size } of this.#parts('write', iova, bytes.length, { write: true })) {
      await memory.write(at, bytes.subarray(at - iova, at - iova + size));
    }
  }

  /** The device is closed, or its VM is gone: nothing stays mapped or pinned. */
  detach(): void {
    this.#mappings.length = 0;
    for (const page of this.#pins.keys()) this.#release(page);
  }

  #pinPage(page: number): void {
    const pins = this.#pins.get(page) ?? 0;
    if (pins === 0) this.#locked.add(page);
    this.#pins.set(page, pins + 1);
  }

  #release(page: number): void {
    this.#pins.delete(page);
    this.#locked.remove(page);
  }

  /** @throws VfioError EINVAL, EPERM */
  #parts(call: string, iova: number, count: number, { read, write }: GuestAccess) {
    const wanted = (read ? DMA_FLAG.read : 0) | (write ? DMA_FLAG.write : 0);
    const end = iova + count;
    const parts = [];
    for (let at = iova; at < end; ) {
      const mapping = this.#at(at);
      const where = `${call}: 0x${at.toString(16)}`;
      if (mapping === undefined) throw new VfioError('EINVAL', `${where} is not mapped`);
      if ((mapping.flags & wanted) !== wanted) {
        throw new VfioError('EPERM', `${where} is not mapped for this`);
      }
      const size = Math.min(end, endOf(mapping)) - at;
      parts.push({ memory: mapping.memory, at, size });
      at += size;
    }
    return parts;
  }

  #at(address: number): DmaMapping | undefined {
    const mapping = this.#mappings[this.#firstAfter(address)];
    return mapping !== undefined && mapping.iova <= address ? mapping : undefined;
  }

  /** The index of the first mapping that ends after the address. */
  #firstAfter(address: number): number {
    let low = 0;
    for (let high = this.#mappings.length; low < high; ) {
      const middle = (low + high) >> 1;
      const mapping = this.#mappings[middle];
      if (mapping !== undefined && endOf(mapping) <= address) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const endOf = ({ iova, size }: DmaMapping): number => iova + size;

function checkRange(call: string, iova: number, size: number): void {
  const isWhole = size > 0 && iova % PAGE === 0 && size % PAGE === 0;
  if (!isWhole || iova < 0 || iova + size > Number.MAX_SAFE_INTEGER) {
    throw new VfioError('EINVAL', `${call}: ${size} bytes at 0x${iova.toString(16)}`);
  }
}
