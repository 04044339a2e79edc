import type { Operation } from '../engine/devices/operations.ts';
import type {
  CallOptions,
  GenerationOptions,
  HostExpectation,
  HotplugOptions,
} from '../engine/call-options.ts';
import type { DeviceInfo } from '../engine/listed-device.ts';
import type { Issue } from '../errors.ts';
import type { Difference } from './difference.ts';
import type { Policy } from './placement.ts';
import type { Prediction } from './predict.ts';

export interface PlanOptions extends HotplugOptions {
  /**
   * Also destroy and undefine devices of ours that are not desired, destroy and create again those that have another parent,
   * type or group, and release groups that an earlier plan claimed for a domain that is not desired. A device in use, named in a
   * domain's configuration, claimed by hand, or made by another program is never destroyed. Default false.
   */
  readonly prune?: boolean | undefined;
  /** Other programs' devices become ours where they are desired, and with `prune` go where they are not. Default false. */
  readonly adopt?: boolean | undefined;
  /** Also define each desired device. A definition of ours that is there is kept as desired anyway. Default false. */
  readonly define?: boolean | undefined;
  /** Whether definitions start when their parent appears. Default: existing ones stay as they are, new ones do not. */
  readonly autostart?: boolean | undefined;
  /** How devices without `<parent>` are placed; default `pack`. */
  readonly policy?: Policy | undefined;
  /**
   * The NUMA node that devices without `<parent>` must be on. Absent: any; then those that a domain uses are near its vCPUs
   * as far as there is room.
   */
  readonly node?: number | undefined;
}

/** The actions that bring a host to a desired state. Plain data: it can be stored as JSON. */
export interface Plan {
  /** The version of this format. */
  readonly version: 1;
  /** Whether it can be carried out. If not, `refusals` say why. */
  readonly applicable: boolean;
  /** The state of the host it was made for. `apply` refuses the plan when the host has changed since. */
  readonly host: HostExpectation;
  /** In the order in which they are carried out. */
  readonly actions: readonly PlannedAction[];
  /** Devices that stay as they are. */
  readonly left: readonly LeftDevice[];
  /** What cannot be done. */
  readonly refusals: readonly Issue[];
  readonly warnings: readonly Issue[];
  /** The counts afterwards, of every type of the parents on which devices come or go. */
  readonly predictions: readonly ParentsPrediction[];
}

/** The predicted counts of one parent, or of several parents of one card for which they are equal. */
export interface ParentsPrediction {
  /** Node device names. */
  readonly parents: readonly string[];
  readonly types: readonly Omit<Prediction, 'parent'>[];
}

/** One step of a plan. */
export type PlannedAction = Operation & {
  /** What `update` and `redefine` change, and why a device is destroyed or undefined to be made again. */
  readonly changes?: readonly Difference[] | undefined;
  /** The file of the device's document. */
  readonly source?: string | undefined;
};

/**
 * A device that stays. `unchanged`: it is as desired. `in-use`, `owned` (by a domain) or `foreign` (made by another
 * program): it is not desired, but must not be destroyed. `undesired`: it is not desired, but nothing is pruned; `left-over`:
 * so, and an earlier plan made it, or gave it to a domain that is not desired.
 */
export interface LeftDevice {
  /** Node device name. */
  readonly name: string;
  readonly uuid: string;
  readonly reason: 'unchanged' | 'in-use' | 'owned' | 'foreign' | 'undesired' | 'left-over';
  /** The user or the owner. */
  readonly by?: string | undefined;
}

/** The part of a plan that is carried out. */
export type ApplicablePlan = Pick<Plan, 'version' | 'host' | 'actions' | 'refusals'>;

export interface ApplyOptions extends CallOptions, HotplugOptions, GenerationOptions {
  /** Called after each step with the number of steps done and of all steps. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

export interface ApplyResult {
  /** The actions that were carried out. */
  readonly actions: readonly PlannedAction[];
  /** The devices of these actions that are active or defined now. */
  readonly devices: readonly DeviceInfo[];
}
