import type { Card } from '../drivers/driver.ts';
import type { NodeDevice } from '../nodedev/device.ts';
import type { BrokenRule, Diagnosis } from './diagnosis.ts';

/**
 * What offers devices: the kernel's mediated device core (the uuid is the kernel's), or a vendor-specific VFIO
 * driver whose SR-IOV virtual functions take a type (the uuid is ours). Everything above sees one kind of each.
 */
export type Framework = 'mdev' | 'vfio-variant';

/** Names one device of a host. `parent` is the parent's sysfs name (`0000:86:00.0`, `0.0.0052`, `matrix`, `mtty`). */
export interface DeviceRef {
  readonly framework: Framework;
  readonly parent: string;
  /** Lower case, hyphenated. */
  readonly uuid: string;
}

/** A device that can have mediated devices. */
export interface HostParent {
  /** sysfs name, unique among parents: `0000:86:00.0`. */
  readonly address: string;
  /** Of sysfs: `pci`, `css`, `matrix`, `mtty`. With `address` it makes the node device name. */
  readonly subsystem: string;
  /** Absolute as the host's own programs see it: `/sys/devices/…`, without the root. */
  readonly path: string;
  readonly framework: Framework;
}

/** A type as the kernel offers it on one parent. */
export interface HostType {
  /** Directory name: `nvidia-18`. */
  readonly id: string;
  /** Kernels before 6.1 may have none. */
  readonly name?: string | undefined;
  /** `vfio-pci`, `vfio-ccw` or `vfio-ap`. */
  readonly deviceApi: string;
  readonly availableInstances: number;
  /** As the kernel gives it, final newline removed. */
  readonly description?: string | undefined;
}

/** An active device; what two readlinks tell. */
export interface HostDevice {
  readonly ref: DeviceRef;
  /** Type id. */
  readonly type: string;
  /** Absolute sysfs path without the root. */
  readonly path: string;
}

/** What dumping one device needs on top. */
export interface HostDeviceDetails {
  readonly driver?: string | undefined;
  readonly iommuGroup?: number | undefined;
  /** `/dev/vfio/12`, and `/dev/vfio/devices/vfio0` where the kernel has it. */
  readonly deviceNodes: readonly string[];
  /** Names of the driver's own attributes relative to the device: `vendor/resolution`, `nvidia/vgpu_params`. */
  readonly attributes: readonly string[];
}

/** A program that holds a device open. */
export interface Holder {
  readonly pid?: number | undefined;
  readonly command?: string | undefined;
  /** Name of the domain, where it is known. */
  readonly domain?: string | undefined;
}

/** What could be read, and beside it (never instead of it) what could not. */
export interface Listing<T> {
  readonly items: readonly T[];
  readonly unreadable: readonly HostError[];
}

/** A device, or a parent with its types, has come or gone. */
export interface HostEvent {
  readonly action: 'add' | 'remove';
  readonly parent: string;
  /** Undefined: the parent itself. */
  readonly uuid?: string | undefined;
  /** Milliseconds since the epoch. */
  readonly time: number;
}

/**
 * How a host hears of its devices. `udev`: the kernel's messages, through udevadm. `poll`: by looking every now and
 * then, so that what came and went between two looks is not seen. `log`: a simulated host's messages. `memory`: told
 * by the host itself.
 */
export type EventOrigin = 'udev' | 'poll' | 'log' | 'memory';

export interface HostWatch {
  /** Settled once `ready` is; becomes `poll` should udevadm end. */
  readonly source: EventOrigin;
  /** Until then, what came and went again may be missed, never what came or went for good. */
  readonly ready: Promise<void>;
}

/** A refusal of the kernel, or of what stands for it: the errno, the file and the words written. No sentence. */
export class HostError extends Error {
  override readonly name = 'HostError';
  /** `ENOSPC`, `EUSERS`, …: the true name, also where Node says `UNKNOWN`. */
  readonly errno: string;
  /** Below the root. */
  readonly path: string;
  readonly written: string | undefined;
  /** Who has the device open, when the refusal is `EBUSY`. */
  readonly holders: readonly Holder[];

  constructor(
    errno: string,
    path: string,
    details: {
      readonly written?: string | undefined;
      readonly holders?: readonly Holder[];
      readonly cause?: unknown;
    } = {},
  ) {
    super(`${errno}: ${path}`, details.cause === undefined ? undefined : { cause: details.cause });
    this.errno = errno;
    this.path = path;
    this.written = details.written;
    this.holders = details.holders ?? [];
  }
}

/**
 * A host's devices, as its kernel tells them. Synchronous (sysfs is memory; promises were 9 to 27 times slower),
 * stateless between calls, without policy. Every refusal is a {@link HostError}.
 */
export interface Host {
  readonly kind: 'sysfs' | 'simulated' | 'memory';
  /** The directory all paths are below; undefined for a host in memory. */
  readonly root: string | undefined;
  /** Changes at every boot: what `run/` says of another boot is void. */
  bootId(): string;
  /** `/etc/machine-id`: the same at every boot, another on every machine; undefined where there is none. */
  machineId(): string | undefined;
  /** Whether programs can use devices through VFIO: there is a `/dev/vfio/vfio`. */
  hasVfio(): boolean;

  /** Sorted by address. Empty `items` without `unreadable` means: no parent is registered. */
  parents(): Listing<HostParent>;
  parent(address: string): HostParent | undefined;
  /** The host itself as a node device: `computer`, with its `system` capability where the firmware tells it. */
  describeComputer(): NodeDevice;
  /** Whether any bus has a device of this sysfs name, a parent of mediated devices or not. */
  hasDevice(address: string): boolean;
  /** The parent as a node device, without its mdev types: name, path, parent, driver, pci/css/ap_matrix facts. */
  describeParent(parent: HostParent): NodeDevice;
  /** Sorted by id. */
  types(parent: HostParent): Listing<HostType>;
  type(parent: HostParent, id: string): HostType | undefined;

  /** The physical card a parent is part of, with everything on it, as its driver's rules look at it. */
  card(parent: HostParent): Card;

  /** Sorted by parent, then uuid; of one parent when given. */
  devices(parent?: HostParent): Listing<HostDevice>;
  /** The active device of this uuid, without looking at any other. */
  find(uuid: string): HostDevice | undefined;
  details(device: HostDevice): HostDeviceDetails;
  /** Content without the final newline. */
  readAttribute(device: HostDevice, name: string): string;
  /** Empty: nobody. */
  holders(device: HostDevice): readonly Holder[];

  /** Writes `uuid` to the type's `create`. Not synchronous on every kernel: the caller looks whether it appeared. */
  create(parent: HostParent, type: string, uuid: string): void;
  /** Writes `1` to the device's `remove`; a held device is refused with EBUSY instead of the kernel's endless wait. */
  remove(device: HostDevice): void;
  setAttribute(device: HostDevice, name: string, value: string): void;

  /** Why devices that could have mediated devices have none; an attempt, so what cannot be read is left out. */
  diagnosis(): Diagnosis;
  /** udev rules that start mediated devices with a program that is not there. */
  brokenRules(): readonly BrokenRule[];

  /**
   * Tells of everything that comes and goes from this call until `signal` is aborted: nothing twice, each device's
   * events in order, never from inside the call that changes something.
   */
  watch(listener: (event: HostEvent) => void, signal: AbortSignal): HostWatch;
}
