import type { Operation } from '../engine/devices/operations.ts';
import type { DeviceInfo, HostExpectation } from '../engine/types.ts';
import type { Issue } from '../errors.ts';
import type { Difference } from './difference.ts';
import type { Policy } from './placement.ts';
import type { Prediction } from './predict.ts';

/** What of a desired state is asked for. */
export interface PlanOptions {
  /**
   * Also destroys our devices that are not desired, and makes those anew that are of another parent, type or group;
   * never one in use, of a domain, or somebody else's. Default false: nothing is destroyed.
   */
  readonly prune?: boolean | undefined;
  /** Each desired device is defined as well; with `prune`, definitions that are not desired go. Default false. */
  readonly define?: boolean | undefined;
  /** Of definitions: whether they start when their parent appears. Default: existing ones stay, new ones do not. */
  readonly autostart?: boolean | undefined;
  /** Where devices without a parent go; default `pack`. */
  readonly policy?: Policy | undefined;
}

/** What brings a host to a desired state. Plain data: JSON keeps all of it. */
export interface Plan {
  /** Of this shape. */
  readonly version: 1;
  /** False: `refusals` say why it cannot be carried out. */
  readonly applicable: boolean;
  /** The host it was made for: it is refused on one that has changed since. */
  readonly host: HostExpectation;
  /** In the order in which they are carried out. */
  readonly actions: readonly PlannedAction[];
  /** Devices that stay as they are. */
  readonly left: readonly LeftDevice[];
  /** What cannot be done. */
  readonly refusals: readonly Issue[];
  /** What is worth knowing. */
  readonly warnings: readonly Issue[];
  /** Of every type of the parents on which devices come or go, afterwards. */
  readonly predictions: readonly ParentsPrediction[];
}

/** What there will be on parents of one card to which the same happens: one, or virtual functions of a GPU. */
export interface ParentsPrediction {
  /** Node device names. */
  readonly parents: readonly string[];
  readonly types: readonly Omit<Prediction, 'parent'>[];
}

/** One step of a plan. */
export type PlannedAction = Operation & {
  /** What `update`, `redefine` and the second half of a replacement change. */
  readonly changes?: readonly Difference[] | undefined;
  /** The file the device's document is in. */
  readonly source?: string | undefined;
};

/**
 * Why a device stays: it is as desired (`unchanged`); it is not desired, but in use, a domain's, or somebody else's
 * (`foreign`); it is not desired, and nothing is pruned (`undesired`).
 */
export interface LeftDevice {
  /** Node device name. */
  readonly name: string;
  readonly uuid: string;
  readonly reason: 'unchanged' | 'in-use' | 'owned' | 'foreign' | 'undesired';
  /** By whom it is used or owned. */
  readonly by?: string | undefined;
}

/** The part of a plan that is carried out. */
export type ApplicablePlan = Pick<Plan, 'version' | 'host' | 'actions' | 'refusals'>;

export interface ApplyOptions {
  /** Called after each step, with how many there are. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

export interface ApplyResult {
  /** What was done. */
  readonly actions: readonly PlannedAction[];
  /** The devices they were about that are there now. */
  readonly devices: readonly DeviceInfo[];
}
