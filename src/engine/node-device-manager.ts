import type { OwnDriver } from '../drivers/driver.ts';
import type { Issue } from '../errors.ts';
import type { NumaNode, SetupCard } from '../host/host.ts';
import type { SimulatedCall } from '../host/simulated/calls.ts';
import type { HostCapture } from '../host/capture/assemble.ts';
import type { CaptureOptions } from '../host/capture/capture.ts';
import type { NodeDevice } from '../nodedev/device.ts';
import type { HostState } from './devices/host-state.ts';
import type { Operation } from './devices/operations.ts';
import type { DomainRef } from '../policy/domain-ref.ts';
import type { Attachment, AttachOptions, RunDomainOptions } from './attach/attachment.ts';
import type {
  AdoptOptions,
  CallOptions,
  ChangeOptions,
  CreateOptions,
  DefineOptions,
  DefinitionChange,
  DestroyOptions,
  GcOptions,
  IfExistsOptions,
  ModifyOptions,
  RecoverOptions,
  StartOptions,
  StartParentOptions,
  UpdateOptions,
} from './call-options.ts';
import type { CardInfo, TypeFilter, TypeInfo } from './card-info.ts';
import type {
  CommandResult,
  FailOptions,
  HostMount,
  LeaveOptions,
  MountOptions,
  RunOptions,
} from './simulation-options.ts';
import type {
  CreateResult,
  DomainRun,
  GcResult,
  RecoveryState,
  StartParentResult,
  UpdateResult,
} from './results.ts';
import type { DeviceEvents, EventOptions } from './events/device-event.ts';
import type {
  DeviceInfo,
  DumpOptions,
  GroupInfo,
  ListFilter,
  ListResult,
  ListedDevice,
} from './listed-device.ts';
import type { DocumentReport, SourceText, Sources, ValidateSourcesOptions } from './sources.ts';
import type {
  MdevctlDevice,
  MdevctlFilter,
  MdevctlParent,
  MdevctlParentFilter,
} from './mdevctl-view.ts';

/**
 * The core methods of a connection. When a method rejects, it does so with {@link NodedevError} and the host is unchanged.
 * Devices are named by node device name (current and old form), bare uuid, or alias.
 * What changes something waits for its turn, without blocking. Code `lock-timeout` names the process that kept the lock too
 * long, `aborted` means that the call's signal was aborted.
 */
export interface NodeDeviceManager {
  /** The connection URI, as given or found. */
  readonly uri: string;
  /** A real host without parents is told as a notice, `no-mdev-support` (not for inactive devices: definitions need none). */
  list(filter?: ListFilter): Promise<ListResult<ListedDevice>>;
  /** The device with everything known, as `dumpxml` prints it. Codes: device-unknown, device-ambiguous. */
  lookup(name: string, options?: { readonly inactive?: boolean | undefined }): Promise<NodeDevice>;
  info(name: string): Promise<DeviceInfo>;
  dumpxml(name: string, options?: DumpOptions): Promise<string>;
  /**
   * Creates the devices of one document or several, as one group and one operation: all or none. After a failure the steps
   * are undone in reverse order. The first error is thrown; its `issues` say what the undo could not do.
   * Codes: no-mdev-support, parent-unknown, type-unknown, uuid-exists, no-instances, host-refused, …
   */
  create(xml: Sources, options?: CreateOptions): Promise<CreateResult>;
  /**
   * Destroys devices, all or none, and returns them as they are then. With `wait`, it waits so long for devices in use to be closed; other processes may
   * change the host meanwhile. Codes: device-unknown, in-use, device-foreign, group-owned,
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
   * in their group when the documents name none. What is defined already gets the document's settings; its autostart and,
   * when the documents name none, its group stay. Codes: parent-unknown, type-unknown, definition-mismatch (active or
   * defined with another type), definition-invalid, permission-denied, store-failed.
   */
  define(xml: Sources, options?: DefineOptions): Promise<readonly DeviceInfo[]>;
  /**
   * Removes definitions, readable or not, all or none, and returns the devices as they are then; active ones stay, as transient
   * ones. Code: device-undefined.
   */
  undefine(
    names: string | readonly string[],
    options?: IfExistsOptions,
  ): Promise<readonly DeviceInfo[]>;
  /** Creates defined devices, all or none. Codes: device-active, device-undefined and those of create. */
  start(names: string | readonly string[], options?: StartOptions): Promise<readonly DeviceInfo[]>;
  /** Starts the members that are not active. Code: device-active when all are. */
  startGroup(group: string, options?: StartOptions): Promise<readonly DeviceInfo[]>;
  /**
   * Starts the devices with autostart under one parent, or under all functions of a card, those of each group in one operation. The result says what failed;
   * a definition that cannot be read has failed. Codes: no-mdev-support, parent-unknown,
   * timeout (of `wait`).
   */
  startParent(parent: string, options?: StartParentOptions): Promise<StartParentResult>;
  /** Whether a device starts when its parent appears. Codes: device-undefined, definition-changed. */
  autostart(
    names: string | readonly string[],
    enabled: boolean,
    options?: CallOptions,
  ): Promise<readonly DeviceInfo[]>;
  /**
   * Changes a device's attributes and params to those of a document of the same device, and its alias when the document
   * has one. Default: live when it is active, else its definition; autostart stays as it is. Codes:
   * definition-mismatch (another uuid, parent or type), device-inactive, device-undefined, and for another `<group>` those of
   * {@link addToGroup}.
   */
  update(name: string, xml: string | SourceText, options?: UpdateOptions): Promise<UpdateResult>;
  groups(): Promise<readonly GroupInfo[]>;
  /** Code: group-unknown. */
  group(name: string): Promise<GroupInfo>;
  /**
   * Makes a group of devices, active or defined, which leave the groups they are in; all or none. Codes: group-exists, and those
   * of {@link addToGroup}.
   */
  createGroup(name: string, devices: readonly string[], options?: AdoptOptions): Promise<GroupInfo>;
  /**
   * Puts devices into a group, all or none, while neither it nor the groups they are in are used. They belong to its owner then.
   * Codes: group-unknown, device-unknown, group-open, group-owned (used, or claimed for another domain), device-foreign.
   */
  addToGroup(name: string, devices: readonly string[], options?: AdoptOptions): Promise<GroupInfo>;
  /**
   * Takes devices out of a group, all or none: each is then in a group of its own. A claimed group is released first. Codes:
   * group-unknown, group-member (not one of its members), group-open, group-owned.
   */
  removeFromGroup(
    name: string,
    devices: readonly string[],
    options?: CallOptions,
  ): Promise<readonly DeviceInfo[]>;
  /**
   * Makes a domain the owner of a group, which a device of it can stand for: its name, uuid or, of a function, PCI address. A second
   * claim for the same domain changes nothing. Codes: group-unknown, group-owned, device-foreign.
   */
  claim(group: string, domain: DomainRef, options?: AdoptOptions): Promise<GroupInfo>;
  /**
   * Makes a domain the owner of the groups of these devices, all or none. Returns the groups that it did not own before.
   * Codes: device-unknown, group-owned, device-foreign.
   */
  claimDevices(
    devices: readonly string[],
    domain: DomainRef,
    options?: AdoptOptions,
  ): Promise<readonly GroupInfo[]>;
  /** Ends the ownership of a group. Codes: group-unknown; group-open, group-owned (its domain runs, or was only found). */
  release(group: string, options?: CallOptions): Promise<GroupInfo>;
  /**
   * Destroys groups of this library that nobody uses, and removes records of devices that are gone. Codes: domain-invalid,
   * permission-denied (a domain's file cannot be read, and might name any device).
   */
  gc(options?: GcOptions): Promise<GcResult>;
  /**
   * For libvirt's hook script, before a domain starts: starts its devices that are not active, all or none, and lends it
   * their groups until {@link releaseDomain}. Codes: device-inactive (neither active nor defined), group-member,
   * domain-invalid and those of start.
   */
  prepareDomain(domainXml: string | SourceText, options?: CallOptions): Promise<DomainRun>;
  /** After the domain has stopped: ends the loan of the groups, and stops the devices that were started for it. Codes: in-use, … */
  releaseDomain(domainXml: string | SourceText, options?: CallOptions): Promise<DomainRun>;
  /** Codes: parent-unknown; no-mdev-support when a parent is named, else a notice. */
  types(filter?: TypeFilter): Promise<ListResult<TypeInfo>>;
  /**
   * The parents of mediated devices with their types as mdevctl has them: no functions that take a type, and nothing but what the
   * kernel says. Nothing is told of a host that has none.
   */
  mdevctlParents(filter?: MdevctlParentFilter): Promise<ListResult<MdevctlParent>>;
  /**
   * The mediated devices as mdevctl lists them, active or defined, sorted by parent, then uuid. A definition that cannot be read
   * is among them, with its problem.
   */
  mdevctlDevices(filter?: MdevctlFilter): Promise<ListResult<MdevctlDevice>>;
  /**
   * Changes parts of a device's definition, whatever it is when the change begins. With `live`, a script that was installed for
   * mdevctl changes the active device. Codes: device-undefined, device-inactive (of `live`), definition-mismatch (it is
   * active with another type), attribute-invalid (no such index), parent-unknown and type-unknown (of a new type), script-failed.
   */
  modify(name: string, change: DefinitionChange, options?: ModifyOptions): Promise<DeviceInfo>;
  /**
   * The host's hardware as a profile, from which `initSimulatedHost` makes a simulated one, and what is assumed or left out. It
   * has no mediated devices.
   */
  capture(options?: CaptureOptions): Promise<HostCapture>;
  /**
   * Checks documents of all kinds. Domains are compared with this host and with each other. Returns a report of each
   * document, in order. Code: schema-invalid (no schema to check against).
   */
  validate(
    documents: Sources,
    options?: ValidateSourcesOptions,
  ): Promise<readonly DocumentReport[]>;
  /**
   * Reports all events from this call on, each once, and those of one device in order. Resolves when no later event can be
   * missed. A device that is created and removed before that may be missed, and with `poll` one that exists only between
   * two reads. A reader that falls 65,536 events behind gets these, then `events-lost`. Code: device-unknown.
   */
  events(options?: EventOptions): Promise<DeviceEvents>;
  /** Simulated hosts only: opens or closes what a VM of this domain XML would. Code: host-not-simulated. */
  startDomain(
    domainXml: string | SourceText,
    options?: CallOptions,
  ): Promise<readonly DeviceInfo[]>;
  stopDomain(name: string, options?: CallOptions): Promise<readonly DeviceInfo[]>;
  /**
   * Simulated hosts only: plugs a device of the host's profile in again, with what is below it and with its virtual functions.
   * Returns the names of what came. Codes: host-not-simulated, device-unknown, host-refused (it is there, or what it is
   * plugged into is not), in-use (it is still leaving).
   */
  plug(device: string, options?: CallOptions): Promise<readonly string[]>;
  /**
   * Simulated hosts only: unplugs a device, with what is below it and with its virtual functions. Their mediated devices
   * are removed; definitions stay. Returns the names of what left. Codes: host-not-simulated, device-unknown, in-use,
   * host-refused (it is not there).
   */
  unplug(device: string, options?: LeaveOptions): Promise<readonly string[]>;
  /**
   * Simulated hosts only: binds the driver of a device that is there, so that it is a parent again, or that of a
   * mediated device, so that VMs can open it. Codes: as of {@link plug}.
   */
  registerParent(device: string, options?: CallOptions): Promise<readonly string[]>;
  /**
   * Simulated hosts only: unbinds a device's driver. Nothing is created any more, then its mediated devices are removed.
   * A mediated device that is unbound stays, and no VM can open it; while it is in use, it is refused also with `force`.
   * Codes: as of {@link unplug}.
   */
  unregisterParent(device: string, options?: LeaveOptions): Promise<readonly string[]>;
  /**
   * Simulated hosts only: registers a driver, of one's own or, by its name, one that was unregistered; it binds the
   * parents of its cards. Returns their names. Codes: host-not-simulated, driver-invalid (EINVAL: a callback that it must
   * have is missing), host-refused (EEXIST: there is one of this name).
   */
  registerDriver(driver: OwnDriver | string, options?: CallOptions): Promise<readonly string[]>;
  /**
   * Simulated hosts only: unregisters a driver, and with it all parents of its cards, as {@link unregisterParent}. Returns
   * their names. Codes: host-not-simulated, in-use (nothing has been done), host-refused (no card has it).
   */
  unregisterDriver(name: string, options?: LeaveOptions): Promise<readonly string[]>;
  /**
   * Simulated hosts only: the next calls of the kernel fail with an errno (`EIO`), once by default, 0 times: none. With
   * `none` they are answered as done, and nothing happens: a device that never appears. For tests of a program's own error
   * handling. Codes: host-not-simulated, request-invalid (no errno).
   */
  failCall(call: SimulatedCall, errno: string, options?: FailOptions): Promise<void>;
  /** Simulated hosts only: each such call takes so many milliseconds longer, 600,000 at most; 0: none. */
  delayCall(call: SimulatedCall, milliseconds: number, options?: CallOptions): Promise<void>;
  /** Simulated hosts only: as after a reboot, without devices and groups. Code: host-not-simulated. */
  resetHost(options?: CallOptions): Promise<void>;
  /**
   * Simulated hosts only: mounts the host's /sys at a folder, where it answers to every program as the kernel would, until
   * it is unmounted. Takes root, or a user namespace with its own mounts. Codes: host-not-simulated, mount-failed.
   */
  mountHost(mountpoint: string, options?: MountOptions): Promise<HostMount>;
  /**
   * Simulated hosts only: runs a command, with this process's standard streams, to which the host's devices, buses and classes
   * are those of /sys, and its /dev/vfio and /etc/mdevctl.d those of the machine. Codes: host-not-simulated, mount-failed.
   */
  runCommand(command: readonly string[], options?: RunOptions): Promise<CommandResult>;
  /**
   * Simulated hosts only: serves devices to VMs, all or none, each at a socket for QEMU's `vfio-user-pci`. A VM that connects
   * has the device open until it ends. Codes: host-not-simulated, device-unknown, device-inactive, in-use (another process
   * serves it), attach-failed.
   */
  attach(names: string | readonly string[], options?: AttachOptions): Promise<Attachment>;
  /**
   * Simulated hosts only: starts QEMU for a domain with its devices attached, and waits until it ends. The VM has the name,
   * uuid, machine, memory and CPUs of the domain, a kernel, and a serial line at this process's standard streams; what else
   * the domain has is reported as left out. Codes: those of {@link attach}, and of `startDomain`.
   */
  runDomain(domainXml: string | SourceText, options: RunDomainOptions): Promise<CommandResult>;
  /**
   * The problems of this host, and useful facts about it (severity `notice`). Nothing is changed, and nothing is thrown
   * for parts that cannot be read. Codes: `DoctorCode`.
   */
  doctor(): Promise<readonly Issue[]>;
  /**
   * Recovers from operations that were interrupted by a kill or a power failure: a create, define, update, claim or release
   * is undone, a destroy or undefine is finished. A plan with several kinds of actions is undone. `connect` and every
   * change do this, too. What was temporary is tried again by each of them, and nothing is changed before. What is in use,
   * was changed by another program, or cannot be done any more, is left: it stops no change, `doctor` reports it, and
   * this method tries it again, until it is told to forget it.
   * Returns what was done; severity `error` means that something had to be left. Codes: recovery-failed, operation-unknown
   * (of `forget`), permission-denied.
   */
  recover(options?: RecoverOptions): Promise<readonly Issue[]>;
  /** The last recovery, and what is left to recover. Nothing is changed. Codes: permission-denied, store-failed. */
  recoveryState(): Promise<RecoveryState>;
  /**
   * Ends all listening to events. A call that has not begun to change anything, and every later call, rejects with
   * `connection-closed`, except those that only read the host (`types`, `cards`).
   */
  close(): Promise<void>;
  /** As {@link close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** The engine's own manager: also what predictions and plans are made from, and how they are carried out. */
export interface EngineManager extends NodeDeviceManager {
  /** The physical cards with everything on them. */
  readonly cards: () => Promise<ListResult<CardInfo>>;
  /** The cards whose virtual functions are off, which have no parents. */
  readonly offCards: () => Promise<readonly SetupCard[]>;
  /** The NUMA nodes with their CPUs. */
  readonly nodes: () => Promise<readonly NumaNode[]>;
  /** A snapshot of everything that a plan depends on; with the set-up of the cards that these physical functions are. Codes: no-mdev-support, permission-denied. */
  readonly state: (setups?: readonly string[], functions?: readonly string[]) => Promise<HostState>;
  /**
   * Carries out several changes as one operation, all or none, and returns each device that exists afterwards. Destroying
   * and undefining come first, then defining, creating, updating, and claiming groups. Codes: plan-stale (the host is
   * not as expected), request-invalid, and those of the single methods.
   */
  readonly change: (
    operations: readonly Operation[],
    options?: ChangeOptions,
  ) => Promise<readonly DeviceInfo[]>;
}
