import type { NodedevError } from '../errors.ts';
import type { CapabilityName } from '../nodedev/capability-names.ts';
import type { Dialect, NamedValue } from '../nodedev/device.ts';
import type { GroupOwner } from '../policy/owner.ts';

/** A node device as `list` returns it. For an active device no definition file is opened. */
export interface ListedDevice {
  /** `mdev_<uuid>_<parent>`, `pci_0000_86_00_0`, … */
  readonly name: string;
  /** Of those: `mdev`, `pci`, `mdev_types`, `css`, `ap_matrix`, `system`. */
  readonly capabilities: readonly CapabilityName[];
  /** Node device name of the parent; undefined only for `computer`. */
  readonly parent?: string | undefined;
  readonly active: boolean;
  readonly persistent: boolean;
  // The following properties are set for mediated devices only.
  readonly uuid?: string | undefined;
  /** sysfs name of the parent. */
  readonly parentAddress?: string | undefined;
  readonly type?: string | undefined;
  readonly group?: string | undefined;
  /** The domain its group was claimed for. `info` and the methods of groups also return owners that were found. */
  readonly owner?: GroupOwner | undefined;
  /** The `<name>` given at creation, when it differs from `name`. */
  readonly alias?: string | undefined;
  /** Started when its parent appears. `list` says it with `details`. */
  readonly autostart?: boolean | undefined;
}

/** A node device as `info` returns it. */
export interface DeviceInfo extends ListedDevice {
  /** Started when its parent appears. */
  readonly autostart: boolean;
  /**
   * Set by `info` for an active mediated device: true when another program made it (mdevctl, libvirt, …), undefined when
   * this user must not see it.
   */
  readonly foreign?: boolean | undefined;
  /** Set by `info` for an active mediated device: the files by which it is opened: `/dev/vfio/12`, `/dev/vfio/devices/vfio0`. */
  readonly deviceNodes?: readonly string[] | undefined;
  /** Set by `info` for an active mediated device that is bound to no driver: it gets no hostdev. */
  readonly unbound?: true | undefined;
  /** Set by `info` for a simulated device that is attached now: the socket where VMs open it. */
  readonly socket?: string | undefined;
  /** Set by `info`: the device number behind a subchannel, or behind that of a mediated device: `0.0.3000`. */
  readonly channelDevice?: string | undefined;
  /** Set by `info` for an SR-IOV virtual function: the node device name of the physical one. */
  readonly physicalFunction?: string | undefined;
  /** Set by `info` for a virtual function without types: what it is. A VM is given it as it is. */
  readonly plainFunction?: string | undefined;
  /** Set by `info` for such a function where its driver tells it: its share of the device (`exec_quantum_ms`, `vram_quota`, …). */
  readonly share?: readonly NamedValue[] | undefined;
}

export interface ListFilter {
  /** Any of these. */
  readonly capabilities?: readonly CapabilityName[] | undefined;
  /** Default `active`, as virsh. */
  readonly state?: 'active' | 'inactive' | 'all' | undefined;
  readonly persistent?: boolean | undefined;
  /** Of mediated devices also whether they are started with their parent, and owners that were found: files are read for it. */
  readonly details?: boolean | undefined;
}

/** The readable items of a list, and a problem for each unreadable one. */
export interface ListResult<T> {
  readonly items: readonly T[];
  readonly problems: readonly NodedevError[];
}

/** A group: mediated devices that are used by one VM together. */
export interface GroupInfo {
  readonly name: string;
  /** The lowest free number when its first member becomes active; undefined while no member of ours is active. */
  readonly number?: number | undefined;
  readonly members: readonly GroupMember[];
  readonly owner?: GroupOwner | undefined;
  /**
   * Whether a VM has a member open. Undefined: an ordinary user must not see it; then an owner is not found by it, either.
   */
  readonly open?: boolean | undefined;
  /**
   * Whether the resources that its members share are committed, as from the first open to the last close; undefined where their cards have
   * none to share (setting `requires-group`), or where `open` is not known.
   */
  readonly committed?: boolean | undefined;
}

export interface GroupMember {
  readonly name: string;
  readonly active: boolean;
  readonly uuid: string;
  /** Node device name of the parent. */
  readonly parent: string;
  /** sysfs name of the parent. */
  readonly parentAddress: string;
  /** Undefined: its definition cannot be read. */
  readonly type?: string | undefined;
}

export interface DumpOptions {
  readonly dialect?: Dialect | undefined;
  /** The definition instead of the active device. */
  readonly inactive?: boolean | undefined;
  /** Only what this XPath 1.0 expression selects, each on a line, printed as virsh does. */
  readonly xpath?: string | undefined;
  /** With `xpath`: what is selected stands in one element, `<nodes>`. */
  readonly wrap?: boolean | undefined;
}

/** A device that VMs can open. */
export interface AttachedDevice {
  readonly name: string;
  readonly uuid: string;
  /** Where it is served: an absolute path, for QEMU's `vfio-user-pci`. */
  readonly socket: string;
}
