import type { Issue, NodedevError } from '../errors.ts';
import type { Dialect, NamedValue, NodeDevice } from '../nodedev/device.ts';

/** Everything `list` and `info` tell of one node device, in one place so that JSON output is stable. */
export interface DeviceInfo {
  /** `mdev_<uuid>_<parent>`, `pci_0000_86_00_0`, … */
  readonly name: string;
  /** Capability names as in `list --cap`: `mdev`, `pci`, `mdev_types`, `css`, `ap_matrix`, `system`. */
  readonly capabilities: readonly string[];
  /** Node device name of the parent; undefined only for `computer`. */
  readonly parent?: string | undefined;
  readonly active: boolean;
  readonly persistent: boolean;
  readonly autostart: boolean;
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
  /** Allocated by the engine, lowest free first. */
  readonly number: number;
  readonly members: readonly GroupMember[];
  readonly owner?: DomainRef | undefined;
  /** True while a VM has any member open. */
  readonly open: boolean;
}

export interface GroupMember {
  readonly name: string;
  readonly uuid: string;
  readonly parent: string;
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
}

export interface TypeFilter {
  /** Node device name or sysfs address of the parent. */
  readonly parent?: string | undefined;
}

export interface SourceText {
  readonly text: string | Uint8Array;
  /** The file's name for messages. */
  readonly file?: string | undefined;
}

export interface CreateResult {
  readonly devices: readonly DeviceInfo[];
  readonly group: GroupInfo;
}

export interface CreateOptions {
  /** Checks each document against the node device schema first. */
  readonly validate?: boolean | undefined;
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
  list(filter?: ListFilter): Promise<ListResult<DeviceInfo>>;
  /** The device with everything known, as `dumpxml` prints it. Codes: device-unknown, device-ambiguous. */
  lookup(name: string): Promise<NodeDevice>;
  info(name: string): Promise<DeviceInfo>;
  dumpxml(name: string, options?: DumpOptions): Promise<string>;
  /**
   * Creates the devices of one document or several, as one group and one operation: all or none. Undone in
   * reverse order on failure; the error thrown is the first one, its `issues` tell what the undo could not do.
   * Codes: no-mdev-support, parent-unknown, type-unknown, uuid-exists, no-instances, host-refused, …
   */
  create(
    xml: string | SourceText | readonly (string | SourceText)[],
    options?: CreateOptions,
  ): Promise<CreateResult>;
  /** Destroys devices, all or (checked before the first) none. Codes: device-unknown, in-use, group-owned. */
  destroy(names: string | readonly string[]): Promise<readonly DeviceInfo[]>;
  destroyGroup(group: string): Promise<readonly DeviceInfo[]>;
  groups(): Promise<readonly GroupInfo[]>;
  /** Code: group-unknown. */
  group(name: string): Promise<GroupInfo>;
  /** Gives a group to a domain. Claiming again for the same domain changes nothing. Code: group-owned. */
  claim(group: string, domain: DomainRef): Promise<GroupInfo>;
  release(group: string): Promise<GroupInfo>;
  /** Codes: no-mdev-support, parent-unknown. */
  types(filter?: TypeFilter): Promise<ListResult<TypeInfo>>;
  /** Simulated hosts only: opens or closes what a VM of this domain XML would. Code: host-not-simulated. */
  startDomain(domainXml: string | SourceText): Promise<readonly DeviceInfo[]>;
  stopDomain(name: string): Promise<readonly DeviceInfo[]>;
  /**
   * What is wrong with this host, or worth knowing (severity `notice`). Changes nothing, and throws nothing for what
   * it cannot read. The codes are those of `doctorFindings`.
   */
  doctor(): Promise<readonly Issue[]>;
  close(): Promise<void>;
}
