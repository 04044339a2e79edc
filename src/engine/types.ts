import type { Card } from '../drivers/driver.ts';
import type { TypeFacts } from '../drivers/type-facts.ts';
import type { Issue, NodedevError } from '../errors.ts';
import type { EventOrigin, HostType } from '../host/host.ts';
import type { CapabilityName } from '../nodedev/capability-names.ts';
import type { DomainRef } from '../policy/domain-ref.ts';
import type { GroupOwner } from '../policy/owner.ts';

export type { GroupOwner } from '../policy/owner.ts';
import type { Dialect, NamedValue } from '../nodedev/device.ts';

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

export interface TypeInfo {
  /** Node device name of the parent. */
  readonly parent: string;
  readonly id: string;
  readonly name?: string | undefined;
  readonly deviceApi: string;
  readonly availableInstances: number;
  /** Active devices of this type on this parent. */
  readonly used: number;
  /** The description item by item (num_heads, framebuffer in KiB, …). */
  readonly attributes: readonly NamedValue[];
  /** The same for all vendors, memory in bytes. */
  readonly facts: TypeFacts;
  /**
   * Where each fact is from, by its name in `facts`: `kernel`, the description there; `table`, the vendor's documentation in this
   * package; `name`, the type's name, so that a number may be too large; else the name of a file of the host (`vgpuConfig.xml`).
   */
  readonly sources: Readonly<Record<string, string>>;
  /** Whether its card takes several devices of one VM in one group only. */
  readonly requiresGroup: boolean;
  /** The device number behind the parent, if that is a subchannel: `0.0.3000`. */
  readonly channelDevice?: string | undefined;
}

/** A snapshot of one physical card, for prediction and placement. */
export interface CardInfo {
  /** The card in the form for its driver's rules. */
  readonly card: Card;
  /** Its parents: one, or the SR-IOV virtual functions of one GPU. */
  readonly parents: readonly CardParent[];
}

export interface CardParent {
  /** Node device name. */
  readonly name: string;
  /** sysfs name. */
  readonly address: string;
  readonly numaNode?: number | undefined;
  /** sysfs name of the physical function, for an SR-IOV virtual function. */
  readonly physicalFunction?: string | undefined;
  /** The PCI product's name, where the database of PCI ids knows it: `Tesla M60`. */
  readonly product?: string | undefined;
  /** The device number behind a subchannel: `0.0.3000`. */
  readonly channelDevice?: string | undefined;
  /** Its types, with the counts that the kernel shows now. */
  readonly types: readonly HostType[];
}

export interface TypeFilter {
  /** Node device name or sysfs address of the parent. */
  readonly parent?: string | undefined;
  /** Criteria, all of which must hold: `framebuffer>=2G`, `heads=4`, `series=Q`, `free>0`. */
  readonly where?: string | readonly string[] | undefined;
  /** A field to sort by, largest first for numbers: `free`, `framebuffer`, `name`. By parent and id without. */
  readonly sort?: string | undefined;
}

export interface SourceText {
  readonly text: string | Uint8Array;
  /** The file's name for messages. */
  readonly file?: string | undefined;
}

/** One document, or several that belong together. */
export type Sources = string | SourceText | readonly (string | SourceText)[];

export interface StartParentOptions extends CallOptions {
  /** Seconds to wait until the parent, or all functions of the card, are there and have types; default 0. */
  readonly wait?: number | undefined;
}

export interface StartParentResult {
  readonly started: readonly DeviceInfo[];
  readonly failed: readonly { readonly device: DeviceInfo; readonly error: NodedevError }[];
}

/** Of every call that may wait: for other processes, for devices to appear or to be closed. */
export interface CallOptions {
  /** Ends waiting: the call rejects with `aborted`, and has changed nothing. */
  readonly signal?: AbortSignal | undefined;
}

export interface FailOptions extends CallOptions {
  /** How many calls fail. Default: 1. */
  readonly times?: number | undefined;
}

/** Of taking hardware away from a simulated host, when mediated devices are in use; by default it is refused. */
export interface LeaveOptions extends CallOptions {
  /** Their VMs are asked for them, and give them back. */
  readonly force?: boolean | undefined;
  /** Nothing is created from now on, and their last close is waited for: so many seconds at most. */
  readonly wait?: number | undefined;
}

export interface MountOptions {
  /** A folder where the host's /dev/vfio is mounted as well: who opens a file of a device there holds the device. */
  readonly vfio?: string | undefined;
}

/** A simulated host that this process serves to other programs. A call of this process itself must not wait for it. */
export interface HostMount extends AsyncDisposable {
  /** Resolved when it is not mounted any more, whoever has unmounted it. */
  readonly ended: Promise<void>;
  /** Unmounts it, also while other programs use it. */
  unmount(): Promise<void>;
}

export interface RunOptions extends CallOptions {
  /** Called with the command's pid. The signal of the call is SIGTERM for the command. */
  readonly onStart?: ((pid: number) => void) | undefined;
  /** The command's environment; by default this process's. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** The command's working directory; by default this process's. */
  readonly cwd?: string | undefined;
}

/** How a command ended: by itself, or by a signal. */
export interface CommandResult {
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
}

/** A device that VMs can open. */
export interface AttachedDevice {
  readonly name: string;
  readonly uuid: string;
  /** Where it is served: an absolute path, for QEMU's `vfio-user-pci`. */
  readonly socket: string;
}

export interface RecoverOptions extends CallOptions {
  /** The id of one interrupted operation, as the hints name it: it ends as it is, and nothing else is recovered. */
  readonly forget?: string | undefined;
}

/** How far a host is from having nothing half done. */
export interface RecoveryState {
  /** The last recovery of this boot that ended an interrupted operation. */
  readonly last?:
    | {
        /** Milliseconds since 1970. */
        readonly time: number;
        /** How many operations it ended. */
        readonly operations: number;
      }
    | undefined;
  /** Operations that are running now, or were interrupted and wait for recovery. */
  readonly pending: number;
  /** Interrupted operations that recovery had to leave. */
  readonly left: number;
}

export interface ChangeOptions extends CallOptions, HotplugOptions, GenerationOptions {
  /** The `stateFingerprint` that the host, or the cards with these parents, must have when the change begins. */
  readonly expect?: HostExpectation | undefined;
  /** Called after each step with the number of steps done and of all steps. The lock is held meanwhile. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** A host as it was when a plan was made. */
export interface HostExpectation {
  readonly fingerprint: string;
  /** sysfs names of the physical functions whose set-up the plan depends on. */
  readonly setups?: readonly string[] | undefined;
  /** sysfs names of the parents the plan depends on; undefined: all. */
  readonly parents?: readonly string[] | undefined;
}

export interface UpdateOptions extends AdoptOptions {
  /** Change the active device. */
  readonly live?: boolean | undefined;
  /** Change the definition. */
  readonly config?: boolean | undefined;
}

export interface UpdateResult {
  readonly device: DeviceInfo;
  /** What was changed. */
  readonly live: boolean;
  readonly config: boolean;
}

export interface CreateResult {
  readonly devices: readonly DeviceInfo[];
  readonly group: GroupInfo;
}

/** Permission to add a device to the group of a running VM. */
export interface HotplugOptions {
  /** Default: where the vendor says that a running VM takes no more devices, it is refused with `hotplug-refused`. */
  readonly allowHotplug?: boolean | undefined;
}

export type StartOptions = CallOptions & HotplugOptions;

/** A condition on the host as a whole. */
export interface GenerationOptions {
  /**
   * The `generation` of a topology or an inventory: the change is refused with `plan-stale` when the host is another by now, whoever
   * changed it. It is compared when the change begins, under its lock.
   */
  readonly ifGeneration?: string | undefined;
}

export interface CreateOptions extends CallOptions, HotplugOptions, GenerationOptions {
  /** Checks each document against the node device schema first. */
  readonly validate?: boolean | undefined;
  /**
   * Leaves what is there already as it is, instead of refusing it: of `create`, devices of ours that are active with this uuid, parent and
   * type; of `define`, definitions of this uuid and parent, which it would change.
   */
  readonly ifNotExists?: boolean | undefined;
}

/** Permission to change a device that another program made. It becomes ours. */
export interface AdoptOptions extends CallOptions {
  /** Default: such a device is refused with `device-foreign`. */
  readonly adopt?: boolean | undefined;
}

export interface GcOptions extends CallOptions {
  /** Destroy nothing, and only return what would be destroyed. */
  readonly dryRun?: boolean | undefined;
  /** Seconds. Younger devices stay, because they may not have been claimed yet. Default 60. */
  readonly olderThan?: number | undefined;
}

/** A group of ours that nobody uses: none of its devices is defined or open, and no domain owns or names it. */
export interface Orphan {
  readonly group: string;
  readonly devices: readonly DeviceInfo[];
  /** Seconds since its youngest device was created; undefined for devices that were taken over. */
  readonly age?: number | undefined;
}

export interface GcResult {
  /** The destroyed groups; with `dryRun`, those that would be destroyed. */
  readonly orphans: readonly Orphan[];
  readonly failed: readonly { readonly orphan: Orphan; readonly error: NodedevError }[];
  /** Names of devices and definitions that are gone, and whose records were removed. */
  readonly forgotten: readonly string[];
}

/** The result of preparing or releasing a domain. */
export interface DomainRun {
  readonly domain: DomainRef;
  /** Groups that the domain owns from now on, or no longer owns. */
  readonly groups: readonly string[];
  /** The devices that were started or stopped. */
  readonly devices: readonly DeviceInfo[];
}

export interface DefineOptions extends CreateOptions, AdoptOptions {
  /** Whether the devices start when their parent appears; default false. */
  readonly autostart?: boolean | undefined;
}

export interface ValidateSourcesOptions {
  /** `ours` (default), `libvirt` (those installed with libvirt), or the name of a RELAX NG file. */
  readonly schema?: string | undefined;
}

/** The issues of one document. */
export interface DocumentReport {
  /** The file's name, as the source gave it. */
  readonly file: string | undefined;
  /** Sorted by location. Warnings alone do not make a document invalid. */
  readonly issues: readonly Issue[];
}

/** Permission to name what is not there: it is left out. */
export interface IfExistsOptions extends CallOptions {
  /** Of `destroy`: devices that are not active, and groups without such; of `undefine`: devices without a definition. */
  readonly ifExists?: boolean | undefined;
}

export interface DestroyOptions extends AdoptOptions, IfExistsOptions {
  /** Seconds to wait for devices in use to be closed; default 0. */
  readonly wait?: number | undefined;
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

/** The kinds of events, in virsh's words. */
export type EventKind = 'lifecycle' | 'update';

interface EventSubject {
  /** Its name, as in `list`. */
  readonly name: string;
  /** Of a mediated device; undefined for a parent. */
  readonly uuid?: string | undefined;
  /** When it happened, or was first seen; milliseconds since the epoch. */
  readonly time: number;
}

/** A device, a parent with its types, or a definition was created or removed. */
export interface LifecycleEvent extends EventSubject {
  readonly kind: 'lifecycle';
  readonly change: 'created' | 'deleted' | 'defined' | 'undefined';
}

/**
 * The definition of a device was changed, or this library updated an active device. The kernel does not report when other
 * programs write to attributes of active devices.
 */
export interface UpdateEvent extends EventSubject {
  readonly kind: 'update';
}

export type DeviceEvent = LifecycleEvent | UpdateEvent;

export interface EventOptions {
  /** Only events of this device, by any of its names. */
  readonly device?: string | undefined;
  /** Default: both. */
  readonly kinds?: readonly EventKind[] | undefined;
  /** Ends the events. Those that happened before are still delivered. */
  readonly signal?: AbortSignal | undefined;
}

/** Events as they happen. Leaving the loop ends them. */
export interface DeviceEvents extends AsyncIterable<DeviceEvent> {
  /** The source of the host's events. It becomes `poll` if the better one fails. */
  readonly source: EventOrigin;
}

/** The readable items of a list, and a problem for each unreadable one. */
export interface ListResult<T> {
  readonly items: readonly T[];
  readonly problems: readonly NodedevError[];
}
