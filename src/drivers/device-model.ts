/** Memory of a device, of a fixed size. Who opens the device provides it, so that a VM can map the same memory. */
export interface DeviceMemory {
  readonly size: number;
  /** A copy of these bytes. The caller has checked the range, here and below. */
  read(offset: number, count: number): Uint8Array;
  write(offset: number, bytes: Uint8Array): void;
}

/**
 * The memory of the VM, by the addresses that its driver gives the device (IOVA). A call that the kernel would refuse throws, or
 * rejects, with the property `errno`: EINVAL where the VM has mapped nothing, EPERM where it has not allowed that access.
 */
export interface GuestMemory {
  /**
   * Keeps pages of 4096 bytes where they are until they are unpinned as often, unmapped, or the device is closed. All or none.
   * Also ENOMEM: more than the VM may lock; E2BIG: more than 512 pages at once.
   */
  pin(iova: number, pages: number, access: GuestAccess): void;
  /** @returns how many of them were pinned */
  unpin(iova: number, pages: number): number;
  read(iova: number, count: number): Promise<Uint8Array>;
  write(iova: number, bytes: Uint8Array): Promise<void>;
}

/** What a device is going to do. */
export interface GuestAccess {
  readonly read?: boolean | undefined;
  readonly write?: boolean | undefined;
}

/** What a device is plugged into. */
export interface DeviceBus {
  /** Zeroed memory of `size` bytes for the region. */
  memory(region: number, size: number): DeviceMemory;
  /** The level of its interrupt pin: true as long as the device asks for attention. */
  readonly interrupt: (asserted: boolean) => void;
  readonly guest: GuestMemory;
}

/** A part of a region, in bytes. */
export interface RegionArea {
  readonly offset: number;
  readonly size: number;
}

/** A device-specific kind of region (linux/vfio.h, VFIO_REGION_INFO_CAP_TYPE). */
export interface RegionType {
  readonly type: number;
  readonly subtype: number;
}

/**
 * A part of a device's address space: memory, registers or both. Offsets are from its start. Registers are accessed
 * in widths of 1, 2 and 4 bytes at offsets that are multiples of the width; values are unsigned and little endian.
 */
export interface DeviceRegion {
  readonly size: number;
  /** Of a BAR; its size is a power of two then, of I/O ports from 4, of memory from 16. Absent: memory that is not prefetchable. */
  readonly space?: 'io' | 'memory' | 'prefetchable' | undefined;
  /** Of the same size as the region. */
  readonly memory?: DeviceMemory | undefined;
  /** Where the region is its memory, in whole pages; registers are beside them. Absent: all of the region is. */
  readonly mapped?: readonly RegionArea[] | undefined;
  readonly type?: RegionType | undefined;
  read?(offset: number, width: number): number;
  write?(offset: number, width: number, value: number): void;
}

/** What a PCI function is by its header. */
export interface PciIds {
  /** 24 bits: base class, subclass, programming interface. */
  readonly class: number;
  readonly vendor: number;
  readonly product: number;
  readonly subsystem?: { readonly vendor: number; readonly product: number } | undefined;
}

/** A device as a VM sees it: a PCI function. Its state lives as long as the device is open. */
export interface DeviceModel {
  readonly ids: PciIds;
  /** Whether it has an interrupt pin, INTA#. */
  readonly interrupts: boolean;
  /** The list of capabilities in its configuration space, from offset 0x40 on, each with the offset of the next one. */
  readonly capabilities?: Uint8Array | undefined;
  /** By VFIO's numbers: 0 to 5 the BARs, from 9 on regions with a `type`. */
  readonly regions: ReadonlyMap<number, DeviceRegion>;
  /** As after power-on. */
  reset(): void;
}
