import type { Card } from '../drivers/driver.ts';
import type { TypeFacts } from '../drivers/type-facts.ts';
import type { Issue, NodedevError } from '../errors.ts';
import type { EventOrigin, HostType } from '../host/host.ts';
import type { CapabilityName } from '../nodedev/capability-names.ts';
import type { DomainRef } from '../domain/domain-ref.ts';
import type { Dialect, NamedValue } from '../nodedev/device.ts';

/** What `list` tells of one node device; opens no definition of an active device. */
export interface ListedDevice {
  /** `mdev_<uuid>_<parent>`, `pci_0000_86_00_0`, … */
  readonly name: string;
  /** Of those: `mdev`, `pci`, `mdev_types`, `css`, `ap_matrix`, `system`. */
  readonly capabilities: readonly CapabilityName[];
  /** Node device name of the parent; undefined only for `computer`. */
  readonly parent?: string | undefined;
  readonly active: boolean;
  readonly persistent: boolean;
  // The rest is set for mediated devices only.
  readonly uuid?: string | undefined;
  /** sysfs name of the parent. */
  readonly parentAddress?: string | undefined;
  readonly type?: string | undefined;
  readonly group?: string | undefined;
  /** The domain its group was claimed for; `info` and the methods of groups tell found owners as well. */
  readonly owner?: GroupOwner | undefined;
  /** The `<name>` given at creation, when it differs from `name`. */
  readonly alias?: string | undefined;
}

/** What `info` tells of one node device. */
export interface DeviceInfo extends ListedDevice {
  /** Started when its parent appears. */
  readonly autostart: boolean;
  /**
   * Told by `info` of an active mediated device: true when somebody else made it (mdevctl, libvirt, …), undefined when
   * this user may not know.
   */
  readonly foreign?: boolean | undefined;
}

export interface ListFilter {
  /** Any of these. */
  readonly capabilities?: readonly CapabilityName[] | undefined;
  /** Default `active`, as virsh. */
  readonly state?: 'active' | 'inactive' | 'all' | undefined;
  readonly persistent?: boolean | undefined;
}

/** The domain a group belongs to, and how that is known. */
export interface GroupOwner extends DomainRef {
  /**
   * `claim`: the group was claimed for it, or given to it until it stops. Found, the first that tells: `open`, it has a
   * member open; `running`, libvirt's state of a running domain names a member; `defined`, a domain's configuration
   * does, and no second domain's.
   */
  readonly by: 'claim' | 'open' | 'running' | 'defined';
}

/** Mediated devices that go to one VM together. */
export interface GroupInfo {
  readonly name: string;
  /** Allocated by the engine, lowest free first; undefined while no member is active that it started or took over. */
  readonly number?: number | undefined;
  readonly members: readonly GroupMember[];
  readonly owner?: GroupOwner | undefined;
  /**
   * True while a VM has any member open. Undefined: not known, because an ordinary user may not ask the kernel; `owner`
   * then is not told by it either.
   */
  readonly open?: boolean | undefined;
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
}

/** One physical card: what prediction and placement work on. A snapshot. */
export interface CardInfo {
  /** As its driver's rules look at it. */
  readonly card: Card;
  /** The parents that share it: one, or the SR-IOV virtual functions of one GPU. */
  readonly parents: readonly CardParent[];
}

export interface CardParent {
  /** Node device name. */
  readonly name: string;
  /** sysfs name. */
  readonly address: string;
  readonly numaNode?: number | undefined;
  /** The PCI product's name, where the database of PCI ids knows it: `Tesla M60`. */
  readonly product?: string | undefined;
  /** What the kernel shows now. */
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

export interface StartParentResult {
  readonly started: readonly DeviceInfo[];
  readonly failed: readonly { readonly device: DeviceInfo; readonly error: NodedevError }[];
}

export interface ChangeOptions {
  /** What `stateFingerprint` must say of the host, or of the cards with these parents, when the change begins. */
  readonly expect?: HostExpectation | undefined;
  /** Called after each step, with how many there are; the lock on the host is held meanwhile. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** A host as it was when a plan was made. */
export interface HostExpectation {
  readonly fingerprint: string;
  /** sysfs names of the parents the plan depends on; undefined: all. */
  readonly parents?: readonly string[] | undefined;
}

export interface UpdateOptions extends AdoptOptions {
  /** The active device. */
  readonly live?: boolean | undefined;
  /** The definition. */
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

export interface CreateOptions {
  /** Checks each document against the node device schema first. */
  readonly validate?: boolean | undefined;
}

/** What it takes to change a device that others made: it becomes ours. */
export interface AdoptOptions {
  /** Default: such a device is refused with `device-foreign`. */
  readonly adopt?: boolean | undefined;
}

export interface GcOptions {
  /** Only tells what would be destroyed. */
  readonly dryRun?: boolean | undefined;
  /** Seconds; younger devices stay, whoever created them may not have claimed them yet. Default 60. */
  readonly olderThan?: number | undefined;
}

/** A group of ours that nobody has: none of its devices is defined or open, and no domain owns or names it. */
export interface Orphan {
  readonly group: string;
  readonly devices: readonly DeviceInfo[];
  /** Seconds since its youngest device was created; undefined for devices that were taken over. */
  readonly age?: number | undefined;
}

export interface GcResult {
  /** Destroyed; with `dryRun`, found. */
  readonly orphans: readonly Orphan[];
  readonly failed: readonly { readonly orphan: Orphan; readonly error: NodedevError }[];
  /** Names of devices and definitions that were remembered and are gone: they are forgotten. */
  readonly forgotten: readonly string[];
}

/** What was done for a domain that starts or has stopped. */
export interface DomainRun {
  readonly domain: DomainRef;
  /** Groups that are the domain's from now on, or no more. */
  readonly groups: readonly string[];
  /** Started, or stopped. */
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

/** What a validation found in one document. */
export interface DocumentReport {
  /** As the source had it. */
  readonly file: string | undefined;
  /** Sorted by place; warnings alone do not make a document invalid. */
  readonly issues: readonly Issue[];
}

export interface DestroyOptions extends AdoptOptions {
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

/** What events are told of, in virsh's words. */
export type EventKind = 'lifecycle' | 'update';

interface EventSubject {
  /** As in `list`. */
  readonly name: string;
  /** Of a mediated device; undefined for a parent. */
  readonly uuid?: string | undefined;
  /** When it happened, or was first seen; milliseconds since the epoch. */
  readonly time: number;
}

/** A device or a parent with its types came or went (`created`, `deleted`), or a definition did. */
export interface LifecycleEvent extends EventSubject {
  readonly kind: 'lifecycle';
  readonly change: 'created' | 'deleted' | 'defined' | 'undefined';
}

/**
 * The definition of a device says something else, or an active device was changed by an update of this library. What
 * others write to an active device's attributes, the kernel tells nobody.
 */
export interface UpdateEvent extends EventSubject {
  readonly kind: 'update';
}

export type DeviceEvent = LifecycleEvent | UpdateEvent;

export interface EventOptions {
  /** Only of this device, by any of its names. */
  readonly device?: string | undefined;
  /** Default: both. */
  readonly kinds?: readonly EventKind[] | undefined;
  /** Ends the events: what has come by then is still given. */
  readonly signal?: AbortSignal | undefined;
}

/** Events as they come. Leaving the loop ends them. */
export interface DeviceEvents extends AsyncIterable<DeviceEvent> {
  /** How the host hears of its devices; becomes `poll` should the better way fail. */
  readonly source: EventOrigin;
}

/** What may not stand in the way of a listing but has to be told: unreadable items, kept beside the readable. */
export interface ListResult<T> {
  readonly items: readonly T[];
  readonly problems: readonly NodedevError[];
}
