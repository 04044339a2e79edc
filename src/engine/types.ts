import type { Card } from '../drivers/driver.ts';
import type { TypeFacts } from '../drivers/type-facts.ts';
import type { Issue, NodedevError } from '../errors.ts';
import type { HostType } from '../host/host.ts';
import type { Dialect, NamedValue, NodeDevice } from '../nodedev/device.ts';

/** What `list` tells of one node device; opens no definition of an active device. */
export interface ListedDevice {
  /** `mdev_<uuid>_<parent>`, `pci_0000_86_00_0`, … */
  readonly name: string;
  /** Capability names as in `list --cap`: `mdev`, `pci`, `mdev_types`, `css`, `ap_matrix`, `system`. */
  readonly capabilities: readonly string[];
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
  readonly owner?: DomainRef | undefined;
  /** The `<name>` given at creation, when it differs from `name`. */
  readonly alias?: string | undefined;
}

/** What `info` tells of one node device. */
export interface DeviceInfo extends ListedDevice {
  /** Started when its parent appears. */
  readonly autostart: boolean;
}

export interface ListFilter {
  /** Any of these capability names. */
  readonly capabilities?: readonly string[] | undefined;
  /** Default `active`, as virsh. */
  readonly state?: 'active' | 'inactive' | 'all' | undefined;
  readonly persistent?: boolean | undefined;
}

/** A domain as owner: the name is what `claim` was given; the uuid where it is known. */
export interface DomainRef {
  readonly name: string;
  readonly uuid?: string | undefined;
}

/** Mediated devices that go to one VM together. */
export interface GroupInfo {
  readonly name: string;
  /** Allocated by the engine, lowest free first; undefined while no member is active. */
  readonly number?: number | undefined;
  readonly members: readonly GroupMember[];
  readonly owner?: DomainRef | undefined;
  /** True while a VM has any member open. */
  readonly open: boolean;
}

export interface GroupMember {
  readonly name: string;
  readonly active: boolean;
  readonly uuid: string;
  /** Node device name of the parent. */
  readonly parent: string;
  /** sysfs name of the parent. */
  readonly parentAddress: string;
  readonly type: string;
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

export interface UpdateOptions {
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

export interface DumpOptions {
  readonly dialect?: Dialect | undefined;
  /** The definition instead of the active device. */
  readonly inactive?: boolean | undefined;
}

/** What may not stand in the way of a listing but has to be told: unreadable items, kept beside the readable. */
export interface ListResult<T> {
  readonly items: readonly T[];
  readonly problems: readonly NodedevError[];
}

/**
 * The core engine: one per connection. All methods reject with {@link NodedevError} and leave the host as it was.
 * Devices are named by node device name (current and old form), bare uuid, or alias.
 */
export interface NodeDeviceManager {
  /** The connection URI, as given or found. */
  readonly uri: string;
  /** Code: no-mdev-support, on a real host without parents (not for inactive devices: definitions need none). */
  list(filter?: ListFilter): Promise<ListResult<ListedDevice>>;
  /** The device with everything known, as `dumpxml` prints it. Codes: device-unknown, device-ambiguous. */
  lookup(name: string, options?: { readonly inactive?: boolean | undefined }): Promise<NodeDevice>;
  info(name: string): Promise<DeviceInfo>;
  dumpxml(name: string, options?: DumpOptions): Promise<string>;
  /**
   * Creates the devices of one document or several, as one group and one operation: all or none. Undone in
   * reverse order on failure; the error thrown is the first one, its `issues` tell what the undo could not do.
   * Codes: no-mdev-support, parent-unknown, type-unknown, uuid-exists, no-instances, host-refused, …
   */
  create(xml: Sources, options?: CreateOptions): Promise<CreateResult>;
  /** Destroys devices, all or (checked before the first) none. Codes: device-unknown, in-use, group-owned. */
  destroy(names: string | readonly string[]): Promise<readonly DeviceInfo[]>;
  destroyGroup(group: string): Promise<readonly DeviceInfo[]>;
  /**
   * Makes the devices of one document or several persistent, all or none; active ones stay active. Codes:
   * parent-unknown, type-unknown, device-defined, definition-invalid, permission-denied, store-failed.
   */
  define(xml: Sources, options?: CreateOptions): Promise<readonly DeviceInfo[]>;
  /** Removes definitions, all or none; active devices stay, as transient ones. Code: device-undefined. */
  undefine(names: string | readonly string[]): Promise<readonly DeviceInfo[]>;
  /** Creates defined devices, all or none. Codes: device-active, device-undefined and those of create. */
  start(names: string | readonly string[]): Promise<readonly DeviceInfo[]>;
  startGroup(group: string): Promise<readonly DeviceInfo[]>;
  /** Starts what is marked for autostart under one parent, each group's part on its own, and tells what failed. */
  startParent(parent: string): Promise<StartParentResult>;
  /** Whether a device starts when its parent appears. Codes: device-undefined, definition-changed. */
  autostart(name: string, enabled: boolean): Promise<DeviceInfo>;
  /**
   * Changes a device's attributes, params, group and alias to those of a document of the same device. Default: live
   * when it is active, else its definition; autostart stays as it is. Codes: definition-mismatch (another uuid,
   * parent or type), device-inactive, device-undefined.
   */
  update(name: string, xml: string | SourceText, options?: UpdateOptions): Promise<UpdateResult>;
  groups(): Promise<readonly GroupInfo[]>;
  /** Code: group-unknown. */
  group(name: string): Promise<GroupInfo>;
  /** Gives a group to a domain. Claiming again for the same domain changes nothing. Code: group-owned. */
  claim(group: string, domain: DomainRef): Promise<GroupInfo>;
  release(group: string): Promise<GroupInfo>;
  /** Codes: no-mdev-support, parent-unknown. */
  types(filter?: TypeFilter): Promise<ListResult<TypeInfo>>;
  /**
   * Checks documents of all kinds, their domains against this host and against each other. A report of each, in
   * order. Code: schema-invalid (no schema to check against).
   */
  validate(
    documents: Sources,
    options?: ValidateSourcesOptions,
  ): Promise<readonly DocumentReport[]>;
  /** The physical cards with everything on them. */
  cards(): Promise<ListResult<CardInfo>>;
  /** Simulated hosts only: opens or closes what a VM of this domain XML would. Code: host-not-simulated. */
  startDomain(domainXml: string | SourceText): Promise<readonly DeviceInfo[]>;
  stopDomain(name: string): Promise<readonly DeviceInfo[]>;
  /** Simulated hosts only: as after a reboot, without devices and groups. Code: host-not-simulated. */
  resetHost(): Promise<void>;
  /**
   * What is wrong with this host, or worth knowing (severity `notice`). Changes nothing, and throws nothing for what
   * it cannot read. The codes are those of `doctorFindings`.
   */
  doctor(): Promise<readonly Issue[]>;
  /**
   * Puts right what an operation that was killed, or that the power failed in, left half done: a create, define or
   * update is undone, a destroy or undefine finished. `connect` and every change do it as well. Returns what it did.
   * Codes: recovery-failed, permission-denied.
   */
  recover(): Promise<readonly Issue[]>;
  close(): Promise<void>;
}
