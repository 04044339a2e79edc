import type { NamedValue } from '../nodedev/device.ts';

/** Of every call that may wait: for other processes, for devices to appear or to be closed. */
export interface CallOptions {
  /** Ends waiting: the call rejects with `aborted`, and has changed nothing. */
  readonly signal?: AbortSignal | undefined;
}

/** Permission to add a device to the group of a running VM. */
export interface HotplugOptions {
  /** Default: where the vendor says that a running VM takes no more devices, it is refused with `hotplug-refused`. */
  readonly allowHotplug?: boolean | undefined;
}

/** A condition on the host as a whole. */
export interface GenerationOptions {
  /**
   * The `generation` of a topology or an inventory: the change is refused with `plan-stale` when the host is another by now, whoever
   * changed it. It is compared when the change begins, under its lock.
   */
  readonly ifGeneration?: string | undefined;
}

/** Permission to change a device that another program made. It becomes ours. */
export interface AdoptOptions extends CallOptions {
  /** Default: such a device is refused with `device-foreign`. */
  readonly adopt?: boolean | undefined;
}

/** Permission to name what is not there: it is left out. */
export interface IfExistsOptions extends CallOptions {
  /** Of `destroy`: devices that are not active, and groups without such; of `undefine`: devices without a definition. */
  readonly ifExists?: boolean | undefined;
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

export type StartOptions = CallOptions & HotplugOptions;

export interface DefineOptions extends CreateOptions, AdoptOptions {
  /** Refuses what is defined already with `device-defined`, instead of changing it. */
  readonly onlyNew?: boolean | undefined;
  /** Whether the devices start when their parent appears; default false. */
  readonly autostart?: boolean | undefined;
}

export interface UpdateOptions extends AdoptOptions {
  /** Change the active device. */
  readonly live?: boolean | undefined;
  /** Change the definition. */
  readonly config?: boolean | undefined;
}

/** What is to be other in a device's definition. */
export interface DefinitionChange {
  /** A type of its parent's, by id or name. */
  readonly type?: string | undefined;
  readonly autostart?: boolean | undefined;
  /** Instead of those it has. */
  readonly attributes?: readonly NamedValue[] | undefined;
  /** One more, before the one at `index`; without, the last. */
  readonly addAttribute?: (NamedValue & { readonly index?: number | undefined }) | undefined;
  /** One less: the one at `index`; without, the last if there is one. */
  readonly deleteAttribute?: { readonly index?: number | undefined } | undefined;
}

export interface ModifyOptions extends CallOptions {
  /** Lets a script of mdevctl change the active device. */
  readonly live?: boolean | undefined;
  /** Changes the definition; the default without `live`. */
  readonly config?: boolean | undefined;
}

export interface DestroyOptions extends AdoptOptions, IfExistsOptions {
  /** Seconds to wait for devices in use to be closed; default 0. */
  readonly wait?: number | undefined;
}

export interface StartParentOptions extends CallOptions {
  /** Seconds to wait until the parent, or all functions of the card, are there and have types; default 0. */
  readonly wait?: number | undefined;
}

export interface GcOptions extends CallOptions {
  /** Destroy nothing, and only return what would be destroyed. */
  readonly dryRun?: boolean | undefined;
  /** Seconds. Younger devices stay, because they may not have been claimed yet. Default 60. */
  readonly olderThan?: number | undefined;
}

export interface RecoverOptions extends CallOptions {
  /** The id of one interrupted operation, as the hints name it: it ends as it is, and nothing else is recovered. */
  readonly forget?: string | undefined;
}

/** A host as it was when a plan was made. */
export interface HostExpectation {
  readonly fingerprint: string;
  /** sysfs names of the physical functions whose set-up the plan depends on. */
  readonly setups?: readonly string[] | undefined;
  /** sysfs names of the parents the plan depends on; undefined: all. */
  readonly parents?: readonly string[] | undefined;
}

export interface ChangeOptions extends CallOptions, HotplugOptions, GenerationOptions {
  /** The `stateFingerprint` that the host, or the cards with these parents, must have when the change begins. */
  readonly expect?: HostExpectation | undefined;
  /** Called after each step with the number of steps done and of all steps. The lock is held meanwhile. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}
