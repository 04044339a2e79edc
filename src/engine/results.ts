import type { NodedevError } from '../errors.ts';
import type { DomainRef } from '../policy/domain-ref.ts';
import type { DeviceInfo, GroupInfo } from './listed-device.ts';

export interface CreateResult {
  readonly devices: readonly DeviceInfo[];
  readonly group: GroupInfo;
}

export interface UpdateResult {
  readonly device: DeviceInfo;
  /** What was changed. */
  readonly live: boolean;
  readonly config: boolean;
}

export interface StartParentResult {
  readonly started: readonly DeviceInfo[];
  readonly failed: readonly { readonly device: DeviceInfo; readonly error: NodedevError }[];
}

/** A group of ours that nobody uses: none of its devices is defined or open, and no domain owns or names it. */
export interface Orphan {
  readonly group: string;
  readonly devices: readonly DeviceInfo[];
  /** Seconds since its youngest device was created; undefined for devices that were taken over. */
  readonly age?: number | undefined;
}

export interface GcResult {
  /** The destroyed groups; with `dryRun`, those that would be destroyed. */
  readonly orphans: readonly Orphan[];
  readonly failed: readonly { readonly orphan: Orphan; readonly error: NodedevError }[];
  /** Names of devices and definitions that are gone, and whose records were removed. */
  readonly forgotten: readonly string[];
}

/** The result of preparing or releasing a domain. */
export interface DomainRun {
  readonly domain: DomainRef;
  /** Groups that the domain owns from now on, or no longer owns. */
  readonly groups: readonly string[];
  /** The devices that were started or stopped. */
  readonly devices: readonly DeviceInfo[];
}

/** How far a host is from having nothing half done. */
export interface RecoveryState {
  /** The last recovery of this boot that ended an interrupted operation. */
  readonly last?:
    | {
        /** Milliseconds since 1970. */
        readonly time: number;
        /** How many operations it ended. */
        readonly operations: number;
      }
    | undefined;
  /** Operations that are running now, or were interrupted and wait for recovery. */
  readonly pending: number;
  /** Interrupted operations that recovery had to leave. */
  readonly left: number;
}
