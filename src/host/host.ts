import type { AttachedSocket, Holder, NodeKind, OpenObstacle } from './holder.ts';
import type { ToolAnswer, ToolCommand } from '../drivers/card-setup.ts';
import type { Card, Driver, FactSource } from '../drivers/driver.ts';
import type { HostFacts } from '../drivers/host-facts.ts';
import type { NamedValue, NodeDevice } from '../nodedev/device.ts';
import type { BrokenRule, Diagnosis } from './diagnosis.ts';
import type { DomainText } from './domain-text.ts';

/**
 * The framework of a device: the kernel's mediated device core (the kernel knows the uuid), or a vendor-specific VFIO
 * driver whose SR-IOV virtual functions get a type (only we know the uuid). The layers above treat both alike.
 */
export type Framework = 'mdev' | 'vfio-variant';

/**
 * Identifies a device of a host. Of a function with a type the parent is the function itself. `parent` is its sysfs name (`0000:86:00.0`,
 * `0.0.0052`, `matrix`, `mtty`).
 */
export interface DeviceRef {
  readonly framework: Framework;
  readonly parent: string;
  /** Lower case, hyphenated. */
  readonly uuid: string;
}

/** A device that can have mediated devices, or a function that can have a type. */
export interface HostParent {
  /** sysfs name, unique among parents: `0000:86:00.0`. */
  readonly address: string;
  /** The sysfs subsystem: `pci`, `css`, `matrix`, `mtty`. The node device name is made of it and `address`. */
  readonly subsystem: string;
  /** The absolute path on the host, without the root: `/sys/devices/…`. */
  readonly path: string;
  readonly framework: Framework;
  /** The sysfs name of the physical function, of a parent that is itself a virtual one and the place of one device. */
  readonly physicalFunction?: string | undefined;
}

/** Whether a parent is a function that takes a type, and is then itself the device. */
export const takesType = ({ framework }: Pick<HostParent, 'framework'>): boolean =>
  framework === 'vfio-variant';

/** A device of the buses that parents are on, or below: PCI, css and ap. A parent is one, too. */
export type Hardware = Pick<HostParent, 'address' | 'subsystem' | 'path'>;

/** A physical function that its driver's programs set up ({@link Driver.setup}) before it has devices. */
export interface SetupCard {
  readonly address: string;
  /** As in {@link HostParent}. */
  readonly path: string;
  readonly driver: Driver;
  /** The PCI device id in sysfs's form: `0x26b9`. */
  readonly device: string;
  /** Whether its virtual functions are on. */
  readonly isOn: boolean;
  /** sysfs names of its virtual functions; while they are off, of those that will be, as far as sysfs says it. */
  readonly functions: readonly string[];
}

/** A NUMA node of the host. */
export interface NumaNode {
  readonly id: number;
  /** The numbers of its CPUs, ascending. */
  readonly cpus: readonly number[];
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
  /** The kernel's text, with what it lacks added where {@link sources} says from. */
  readonly description?: string | undefined;
  /** By the name of an item of the description, where that is from when it is not the kernel's. */
  readonly sources?: Readonly<Record<string, FactSource>> | undefined;
  /** With {@link sources}: the kernel's text alone; undefined: it has none. */
  readonly ownDescription?: string | undefined;
  /** The other files of its directory, sorted by name: vendors' own facts. Read when they are asked for. */
  readonly files?: readonly NamedValue[] | undefined;
}

/** An active device, as far as two readlinks show it. */
export interface HostDevice {
  readonly ref: DeviceRef;
  /** Type id. */
  readonly type: string;
  /** Absolute sysfs path without the root. Of a function with a type it is that of the function. */
  readonly path: string;
}

/** The further details for a dump of a device. */
export interface HostDeviceDetails {
  readonly driver?: string | undefined;
  readonly iommuGroup?: number | undefined;
  /** `/dev/vfio/12`, and `/dev/vfio/devices/vfio0` where the kernel has it. */
  readonly deviceNodes: readonly string[];
  /** Names of the driver's own attributes relative to the device: `vendor/resolution`, `nvidia/vgpu_params`. */
  readonly attributes: readonly string[];
}

export type { AttachedSocket, Holder, NodeKind, OpenObstacle } from './holder.ts';

/** The readable items of a list, and the errors of those that could not be read. */
export interface Listing<T> {
  readonly items: readonly T[];
  readonly unreadable: readonly HostError[];
}

/** A device, or a parent with its types, was created or removed. */
export interface HostEvent {
  readonly action: 'add' | 'remove';
  readonly parent: string;
  /** Undefined: the parent itself. */
  readonly uuid?: string | undefined;
  /** Milliseconds since the epoch. */
  readonly time: number;
}

/**
 * The source of a host's events. `udev`: the kernel's messages, through udevadm. `poll`: regular looks, so that a device
 * that exists only between two looks is missed. `log`: the log of a simulated host. `memory`: the host itself.
 */
export type EventOrigin = 'udev' | 'poll' | 'log' | 'memory';

export interface HostWatch {
  /** Final when `ready` is resolved. It becomes `poll` if udevadm ends. */
  readonly source: EventOrigin;
  /** Before it is resolved, a device that is created and removed again may be missed, but no other change. */
  readonly ready: Promise<void>;
}

/** A refusal of the kernel or of the simulated kernel: the errno, the file and the text that was written. */
export class HostError extends Error {
  override readonly name = 'HostError';
  /** `ENOSPC`, `EUSERS`, …: the real name, also where Node gives `UNKNOWN`. */
  readonly errno: string;
  /** The file, below the root. */
  readonly path: string;
  readonly written: string | undefined;
  /** The holders of the device, for `EBUSY`. */
  readonly holders: readonly Holder[];
  /** Whether the host is likely to accept the same within seconds, without anything being done. */
  readonly mayPass: boolean;

  constructor(
    errno: string,
    path: string,
    details: {
      readonly written?: string | undefined;
      readonly holders?: readonly Holder[];
      readonly mayPass?: boolean;
      readonly cause?: unknown;
    } = {},
  ) {
    super(`${errno}: ${path}`, details.cause === undefined ? undefined : { cause: details.cause });
    this.errno = errno;
    this.path = path;
    this.written = details.written;
    this.holders = details.holders ?? [];
    this.mayPass = details.mayPass ?? false;
  }
}

/**
 * A host's devices, as its kernel shows them. The methods are synchronous (sysfs is in memory, and promises were 9 to 27
 * times slower). A host keeps no state between calls and decides nothing. Every refusal is a {@link HostError}.
 */
export interface Host {
  readonly kind: 'sysfs' | 'simulated' | 'memory' | 'libvirt';
  /** The directory above all paths; undefined for a host in memory. */
  readonly root: string | undefined;
  /** It changes at every boot: records below `run/` of another boot are not valid. */
  bootId(): string;
  /** `/etc/machine-id`: it differs between machines and stays the same; undefined if there is none. */
  machineId(): string | undefined;
  /** Whether programs can use devices through VFIO: there is a `/dev/vfio/vfio`. */
  hasVfio(): boolean;

  /** The parents, sorted by address. Empty `items` without `unreadable`: no parent is registered. */
  parents(): Listing<HostParent>;
  parent(address: string): HostParent | undefined;
  /** The host itself as a node device: `computer`, with the facts that the firmware gives in its `system` capability. */
  describeComputer(): NodeDevice;
  /** The NUMA nodes with their CPUs; none on a host that shows none. */
  numaNodes(): readonly NumaNode[];
  /** Whether any bus has a device of this sysfs name, also one that is no parent. */
  hasDevice(address: string): boolean;
  /** The PCI devices, the I/O subchannels (css) and the crypto cards and queues (ap), sorted by address within each bus. */
  hardware(): Listing<Hardware>;
  /** A parent or other hardware as a node device, without mdev types: name, path, parent, driver, what its bus says of it. */
  describeHardware(device: Hardware): NodeDevice;
  /** The types of a parent, sorted by id. */
  types(parent: HostParent): Listing<HostType>;
  type(parent: HostParent, id: string): HostType | undefined;

  /** The physical card of a parent with its devices, in the form for its driver's rules. */
  card(parent: HostParent): Card;

  /** The active devices, or those of one parent, sorted by parent, then uuid. */
  devices(parent?: HostParent): Listing<HostDevice>;
  /** The active device of this uuid. */
  find(uuid: string): HostDevice | undefined;
  details(device: HostDevice): HostDeviceDetails;
  /** The value of an attribute, without the final newline. */
  readAttribute(device: HostDevice, name: string): string;
  /** The holders of a device. Empty: it is not open. */
  holders(device: HostDevice): readonly Holder[];
  /** Where a device of a simulated host is served to VMs now. */
  attachedAt(device: HostDevice): AttachedSocket | undefined;

  /** Why no VM can open a device by a file of this kind; undefined: nothing is known against it. */
  openObstacle(device: HostDevice, opened: NodeKind): OpenObstacle | undefined;

  /**
   * Creates a mediated device, or gives a function a type; one that has a type is not overwritten (EPERM). On some kernels
   * the device appears later: the caller waits for it.
   */
  create(parent: HostParent, type: string, uuid: string): void;
  /** Removes a device, or takes a function's type; a held device is refused with EBUSY instead of the kernel's endless wait. */
  remove(device: HostDevice): void;
  setAttribute(device: HostDevice, name: string, value: string): void;

  /** The physical function of this sysfs name; undefined when there is none that is set up with programs. */
  setupCard(address: string): SetupCard | undefined;
  /** Whether a vendor's program is there, by its absolute path below the root. */
  hasTool(program: string): boolean;
  /** Runs a vendor's program to its end. What it did is to be looked at, whatever it answers. */
  runTool(command: ToolCommand): ToolAnswer;

  /** The host's files, for what drivers say of them. */
  facts(): HostFacts;
  /** Why devices that could have mediated devices have none. What cannot be read is left out. */
  diagnosis(): Diagnosis;
  /** The domains of a host whose libvirt tells them; absent: libvirt's files below the root say them. */
  domainTexts?(): readonly DomainText[];
  /** udev rules that start mediated devices with a program that does not exist. */
  brokenRules(): readonly BrokenRule[];

  /**
   * Reports everything that is created and removed, from this call until `signal` is aborted: each event once, those of a
   * device in order, and never during the call that makes the change.
   */
  watch(listener: (event: HostEvent) => void, signal: AbortSignal): HostWatch;
}
