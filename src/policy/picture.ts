import type { CardDevice, HotplugRule } from '../drivers/driver.ts';
import type { Holder, NodeKind, OpenObstacle } from '../host/holder.ts';
import type { DomainRef } from './domain-ref.ts';
import type { Reason } from './verdict.ts';

/**
 * What the policy asks of a host. Everything is looked up when it is needed: a host with thousands of devices is not read
 * for a question about one. The engine answers for the host as it is, a plan for the host as it will be.
 */
export interface HostPicture {
  /** False when the host has no `/dev/vfio/vfio` (vfio is not loaded). */
  readonly hasVfio: boolean;
  /** Whether libvirt calls our hook, which starts a domain's defined devices before the domain. */
  readonly hasHook: boolean;
  /** The active mediated device of this uuid. */
  active(uuid: string): ActiveDevice | undefined;
  /** Definitions of this uuid, active or not; one uuid may be defined under several parents. */
  defined(uuid: string): readonly DefinedDevice[];
  /** The uuid of a device that was given this name. */
  readonly uuidOf?: ((name: string) => string | undefined) | undefined;
  /** A group by its name; one without members when there is none. */
  group(name: string): GroupPicture;
  /** Uuids of those of these devices that find no room when they are started one after the other. */
  lackingRoom(devices: readonly CardDevice[]): readonly string[];
  /**
   * Why these definitions cannot be started one after the other although there is room: another device has what their
   * attributes say, or the host keeps it. Absent: it is asked elsewhere.
   */
  startReasons?(devices: readonly CardDevice[]): readonly Reason[];
  /** Why a device is not added to the running VM `holder`; undefined: it is. */
  hotplugRefusal(device: CardDevice): HotplugRule | undefined;
  /** The domains whose libvirt files name any of these devices, each once. */
  domainsNaming(uuids: readonly string[]): readonly NamingDomain[];
  /**
   * Uuids of the mediated devices, active or defined, that need this PCI function bound to its driver: those on it, and
   * those on its virtual functions.
   */
  devicesOn(address: string): readonly string[];
  /**
   * Of a PCI function that takes a type and is then itself a device: whether it has one; `rebound`: it is bound to another
   * driver than the functions beside it, or than when it was defined. Undefined for any other.
   */
  functionType?(address: string): 'given' | 'defined' | 'none' | 'rebound' | undefined;
  /** A PCI function that is not on the host, or a virtual one that is off; undefined: it is there, or that is not known. */
  absentFunction?(address: string): AbsentFunction | undefined;
}

/** A PCI function that is not there. */
export interface AbsentFunction {
  readonly address: string;
  /** The physical function whose virtual ones are off, this one among them. */
  readonly off?: { readonly name: string; readonly command: string | undefined } | undefined;
}

/** What is the same for an active device and for a definition. */
interface DevicePicture {
  readonly uuid: string;
  /** sysfs name of the parent: `0000:86:00.0`. */
  readonly parent: string;
  /** `vfio-pci`, `vfio-ccw`, `vfio-ap`, or that of another class; undefined when the host does not show it. */
  readonly deviceApi?: string | undefined;
  /** Name of the type, where the kernel has one: `GRID M60-2Q`. */
  readonly typeName?: string | undefined;
  /** The group it is in; undefined: another program made it. */
  readonly group?: string | undefined;
  /** Whether its card takes several devices of one VM in one group only (a setting of simulated cards). */
  readonly requiresGroup: boolean;
}

/** Why a device cannot be opened; `parent-gone`: its parent is no parent any more. */
export type DeviceObstacle = OpenObstacle | 'parent-gone';

/** A mediated device that exists on the host. */
export interface ActiveDevice extends DevicePicture {
  /** Type id: `nvidia-18`. */
  readonly type: string;
  /** Who has it open. Undefined: an ordinary user must not see it. */
  readonly holders: readonly Holder[] | undefined;
  /** Why no VM can open it by a file of this kind. */
  obstacle?(opened: NodeKind): DeviceObstacle | undefined;
  /** Of a function that is itself the device: what is defined on it, where that is another device. */
  readonly displaced?: Pick<DefinedDevice, 'uuid' | 'type'> | undefined;
}

/** A definition of a mediated device. */
export interface DefinedDevice extends DevicePicture {
  /** Type id; undefined: the definition cannot be read. */
  readonly type: string | undefined;
  /** Why it cannot be started; undefined: nothing is known against it. */
  readonly obstacle?: StartObstacle | undefined;
  /** What guests see other of its type than when it was defined: `framebuffer 2048 MiB, was 1024 MiB`. */
  readonly changes?: string | undefined;
}

/** Why a definition cannot be started: its parent is not there, or does not offer the type, or it cannot be read. */
export type StartObstacle = 'parent-gone' | 'type-gone' | 'unreadable';

/** What keeps a definition from being started. `type` undefined: it cannot be read. */
export function startObstacle(
  hasParent: boolean,
  type: string | undefined,
  isOffered: boolean,
): StartObstacle | undefined {
  if (!hasParent) return 'parent-gone';
  if (type === undefined) return 'unreadable';
  return isOffered ? undefined : 'type-gone';
}

/** A group, with what says who owns it. */
export interface GroupPicture {
  readonly name: string;
  /** Uuids of active and inactive members. */
  readonly members: readonly string[];
  /** The holders of its members; undefined: an ordinary user must not see them. */
  readonly holders: readonly Holder[] | undefined;
  /** The domain it was claimed for, else the one it is lent to. */
  readonly claimed?: DomainRef | undefined;
  /** The domain it is lent to while that runs. */
  readonly lentTo?: DomainRef | undefined;
}

/** The driver that gives a function as it is. No function has a type from it. */
export const GENERIC_DRIVER = 'vfio-pci';

/** A PCI function that a domain's XML has bound to another driver: `managed='yes'`, or `<driver model='vfio-pci'/>`. */
export interface Rebinding {
  readonly address: string;
  readonly by: 'managed' | 'driver';
}

/** How a hostdev has its function bound to another driver; undefined: it leaves it as it is. */
export function rebindingOf(
  managed: string | undefined,
  driverModel: string | undefined,
): Rebinding['by'] | undefined {
  if (managed === 'yes') return 'managed';
  return driverModel === GENERIC_DRIVER ? 'driver' : undefined;
}

/** A domain, from one of libvirt's own files. */
export interface NamingDomain extends DomainRef {
  /** `running`: its state below `run/`; `defined`: its configuration below `etc/`, whether or not it runs. */
  readonly state: 'running' | 'defined';
  /** Uuids of its mediated devices. */
  readonly mdevs: readonly string[];
  /** Addresses of its whole PCI functions: `0000:86:00.0`. */
  readonly functions: readonly string[];
  /** Those that libvirt would bind to another driver for it; absent: none. */
  readonly rebinds?: readonly Rebinding[] | undefined;
  /** Those that it opens through iommufd; absent: none. */
  readonly iommufd?: readonly string[] | undefined;
  /** The path of the file below the root. */
  readonly file: string;
}
