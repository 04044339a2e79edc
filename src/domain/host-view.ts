import type { DomainRef } from './domain-ref.ts';

/**
 * The questions that the checks of a domain ask about a host. The engine answers them, since `domain/` itself does not
 * access a host.
 */
export interface HostView {
  /** False when the host has no `/dev/vfio/vfio` (vfio is not loaded). */
  readonly hasVfio: boolean;
  /** The active mediated device of this uuid. */
  active(uuid: string): ActiveDevice | undefined;
  /** Definitions of this uuid, active or not; one uuid may be defined under several parents. */
  defined(uuid: string): readonly DefinedDevice[];
  /** The uuid of a device that was given this name. */
  readonly uuidOf?: ((name: string) => string | undefined) | undefined;
  /** Uuids of a group's members. */
  groupMembers(group: string): readonly string[];
}

/** A mediated device that exists on the host. */
export interface ActiveDevice {
  readonly uuid: string;
  /** sysfs name of the parent: `0000:86:00.0`. */
  readonly parent: string;
  /** Type id: `nvidia-18`. */
  readonly type: string;
  /** Name of the type, where the kernel has one: `GRID M60-2Q`. */
  readonly typeName?: string | undefined;
  /** `vfio-pci`, `vfio-ccw`, `vfio-ap`; undefined when the host does not show it. */
  readonly deviceApi?: string | undefined;
  /** Undefined: it is the only member of a group without a name of its own. */
  readonly group?: string | undefined;
  /** True when several such devices of one VM must be in one group. */
  readonly requiresGroup: boolean;
  /** The domain that claimed the device's group, or has the device open. */
  readonly owner?: DomainRef | undefined;
}

/** A definition of a mediated device. */
export interface DefinedDevice {
  /** sysfs name of the parent. */
  readonly parent: string;
  readonly type: string;
}
