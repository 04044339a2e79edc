import type { NodedevError } from '../errors.ts';
import type { NamedValue } from '../nodedev/device.ts';

/** A parent of mediated devices with its types, in the kernel's own words, as mdevctl prints them. */
export interface MdevctlParent {
  /** sysfs name. */
  readonly parent: string;
  /** Sorted by id, as bytes. */
  readonly types: readonly MdevctlType[];
}

/** A type, as the files of its directory say it. */
export interface MdevctlType {
  readonly id: string;
  readonly availableInstances: number;
  readonly deviceApi: string;
  readonly name?: string | undefined;
  /** May have several lines. */
  readonly description?: string | undefined;
}

export interface MdevctlParentFilter {
  /** sysfs name of the only one. */
  readonly parent?: string | undefined;
}

/** A mediated device as mdevctl lists it, active or defined. */
export interface MdevctlDevice {
  readonly uuid: string;
  /** sysfs name. */
  readonly parent: string;
  /** Undefined: its definition cannot be read, and does not say it. */
  readonly type: string | undefined;
  /** By its definition. */
  readonly autostart: boolean;
  /** Of a definition: whether a device of this uuid, parent and type is active. */
  readonly active: boolean;
  readonly defined: boolean;
  /** Of a definition, in order; of an active device, what a script of mdevctl says they are. */
  readonly attributes: readonly NamedValue[];
  /** Why its definition cannot be read, or no script says its attributes. */
  readonly problem?: NodedevError | undefined;
}

export interface MdevctlFilter {
  /** Definitions; by default active devices. */
  readonly defined?: boolean | undefined;
  readonly uuid?: string | undefined;
  /** Of active devices: asks the scripts for their attributes. */
  readonly attributes?: boolean | undefined;
}
