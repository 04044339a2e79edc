import type { Issue } from '../errors.ts';
import type { NodeDevice } from '../nodedev/device.ts';
import type { HostState } from './devices/host-state.ts';
import type { Operation } from './devices/operations.ts';
import type { DomainRef } from '../domain/domain-ref.ts';
import type {
  AdoptOptions,
  CardInfo,
  ChangeOptions,
  CreateOptions,
  CreateResult,
  DefineOptions,
  DestroyOptions,
  DeviceEvents,
  DeviceInfo,
  DocumentReport,
  DomainRun,
  DumpOptions,
  EventOptions,
  GcOptions,
  GcResult,
  GroupInfo,
  ListFilter,
  ListResult,
  ListedDevice,
  SourceText,
  Sources,
  StartParentResult,
  TypeFilter,
  TypeInfo,
  UpdateOptions,
  UpdateResult,
  ValidateSourcesOptions,
} from './types.ts';

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
  /**
   * Destroys devices, all or (checked before the first) none. With `wait`, those in use have that long to be closed;
   * others may change the host meanwhile. Codes: device-unknown, in-use, device-foreign, group-owned,
   * domain-incomplete (a part of what a domain's configuration names).
   */
  destroy(
    names: string | readonly string[],
    options?: DestroyOptions,
  ): Promise<readonly DeviceInfo[]>;
  /** Destroys the members that are active. Code: device-inactive when none is. */
  destroyGroup(group: string, options?: DestroyOptions): Promise<readonly DeviceInfo[]>;
  /**
   * Makes the devices of one document or several persistent, all or none, as one group; active ones stay active, and
   * in their group when the documents name none. Codes: parent-unknown, type-unknown, device-defined,
   * definition-mismatch (active with another type), definition-invalid, permission-denied, store-failed.
   */
  define(xml: Sources, options?: DefineOptions): Promise<readonly DeviceInfo[]>;
  /**
   * Removes definitions, readable or not, all or none; active devices stay, as transient ones. Code: device-undefined.
   */
  undefine(names: string | readonly string[]): Promise<readonly DeviceInfo[]>;
  /** Creates defined devices, all or none. Codes: device-active, device-undefined and those of create. */
  start(names: string | readonly string[]): Promise<readonly DeviceInfo[]>;
  /** Starts the members that are not active. Code: device-active when all are. */
  startGroup(group: string): Promise<readonly DeviceInfo[]>;
  /**
   * Starts what is marked for autostart under one parent, each group's part on its own, and tells what failed;
   * definitions that cannot be read have failed. Codes: no-mdev-support, parent-unknown.
   */
  startParent(parent: string): Promise<StartParentResult>;
  /** Whether a device starts when its parent appears. Codes: device-undefined, definition-changed. */
  autostart(name: string, enabled: boolean): Promise<DeviceInfo>;
  /**
   * Changes a device's attributes and params to those of a document of the same device, and its alias when the document
   * has one. Default: live when it is active, else its definition; autostart stays as it is. Codes:
   * definition-mismatch (another uuid, parent, type or group), device-inactive, device-undefined.
   */
  update(name: string, xml: string | SourceText, options?: UpdateOptions): Promise<UpdateResult>;
  groups(): Promise<readonly GroupInfo[]>;
  /** Code: group-unknown. */
  group(name: string): Promise<GroupInfo>;
  /**
   * Gives a group to a domain. Claiming again for the same domain changes nothing. The name of a device that others
   * made stands for a group of its own. Codes: group-unknown, group-owned, device-foreign.
   */
  claim(group: string, domain: DomainRef, options?: AdoptOptions): Promise<GroupInfo>;
  /**
   * Gives the groups of these devices to a domain, all or none; resolves to those that were not claimed for it before.
   * Codes: device-unknown, group-owned, device-foreign.
   */
  claimDevices(
    devices: readonly string[],
    domain: DomainRef,
    options?: AdoptOptions,
  ): Promise<readonly GroupInfo[]>;
  /** Takes a group back. Codes: group-unknown; group-open, group-owned (its domain runs, or it was only found). */
  release(group: string): Promise<GroupInfo>;
  /**
   * Destroys what this library created and nobody has, and forgets what is gone. Codes: domain-invalid,
   * permission-denied (a domain's file cannot be read, and might name any device).
   */
  gc(options?: GcOptions): Promise<GcResult>;
  /**
   * For libvirt's hook script, before a domain starts: starts its devices that are not active, all or none, and gives
   * their groups to it until {@link releaseDomain}. Codes: device-inactive (neither active nor defined), group-member,
   * domain-invalid and those of start.
   */
  prepareDomain(domainXml: string | SourceText): Promise<DomainRun>;
  /** After the domain has stopped: takes the groups back, and stops what was started for it. Codes: in-use, … */
  releaseDomain(domainXml: string | SourceText): Promise<DomainRun>;
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
  /**
   * Tells of everything that happens from this call on, each thing once, those of one device in order. Resolves when
   * nothing can be missed any more; what came and went between the call and then may be, and with `poll` what came and
   * went between two looks. Whoever falls 65,536 events behind gets those, then `events-lost`. Code: device-unknown.
   */
  events(options?: EventOptions): Promise<DeviceEvents>;
  /** The physical cards with everything on them. */
  cards(): Promise<ListResult<CardInfo>>;
  /** Everything a plan is made from. Codes: no-mdev-support, permission-denied. */
  state(): Promise<HostState>;
  /**
   * Carries out several changes as one operation, all or none, and tells of each device that is there then. Destroying
   * and undefining come first, then defining, creating, updating, and claiming groups. Codes: plan-stale (the host is
   * not as expected), request-invalid, and those of the single methods.
   */
  change(operations: readonly Operation[], options?: ChangeOptions): Promise<readonly DeviceInfo[]>;
  /** Simulated hosts only: opens or closes what a VM of this domain XML would. Code: host-not-simulated. */
  startDomain(domainXml: string | SourceText): Promise<readonly DeviceInfo[]>;
  stopDomain(name: string): Promise<readonly DeviceInfo[]>;
  /** Simulated hosts only: as after a reboot, without devices and groups. Code: host-not-simulated. */
  resetHost(): Promise<void>;
  /**
   * What is wrong with this host, or worth knowing (severity `notice`). Changes nothing, and throws nothing for what
   * it cannot read. Codes: `DoctorCode`.
   */
  doctor(): Promise<readonly Issue[]>;
  /**
   * Puts right what an operation that was killed, or that the power failed in, left half done: a create, define,
   * update, claim or release is undone, a destroy or undefine finished; of a plan that does more, all is undone. `connect`
   * and every change do it as well.
   * Returns what was done; severity `error` is what had to be left. Codes: recovery-failed, permission-denied.
   */
  recover(): Promise<readonly Issue[]>;
  /**
   * Ends what listens to events. A call that has not changed anything yet changes nothing any more; it and later ones
   * reject with `connection-closed`, except those that ask the host alone (`types`, `cards`).
   */
  close(): Promise<void>;
}
