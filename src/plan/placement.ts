import type { TypeRequest } from '../engine/devices/types-of-parent.ts';

/** How the devices of one group stand to each other. */
export type Affinity = 'same-parent' | 'different-parents' | 'same-numa-node';

/** `pack`: start on as few empty cards as possible. `spread`: as even as possible. */
export type Policy = 'pack' | 'spread';

/** Devices that need a place. */
export interface PlacementRequest {
  /** Id, name or criteria: anything that meets them will do, for each device on its own. */
  readonly type: TypeRequest;
  /** Default 1. */
  readonly count?: number | undefined;
  /** Requests of one group share their affinity. Without, a request is a group of its own. */
  readonly group?: string | undefined;
  /** Default: none. */
  readonly affinity?: Affinity | undefined;
}

/** Where one device goes. */
export interface PlacedDevice {
  /** Index of its request. */
  readonly request: number;
  readonly group?: string | undefined;
  /** Node device name of the parent. */
  readonly parent: string;
  /** Id. */
  readonly type: string;
}

/** A place for every device. */
export interface Placement {
  readonly fits: true;
  readonly policy: Policy;
  /** In the order of the requests. */
  readonly devices: readonly PlacedDevice[];
  /** `pack`: cards that were empty and are no more. `spread`: the sum over all cards of their devices squared. */
  readonly cost: number;
  /** No placement costs less than this; equal to `cost` when it is the best there is. */
  readonly bound: number;
  /** Why there may be less room than assumed; empty where the rules are exact. */
  readonly caveats: readonly string[];
}

/** No place for some device. */
export interface Misfit {
  readonly fits: false;
  readonly policy: Policy;
  /** True: there is none. False: none was found, though it was not proven that there is none. */
  readonly proven: boolean;
  readonly reason: string;
  /** The smallest changes with which everything has a place, each enough by itself. Empty: none was found. */
  readonly changes: readonly string[];
}
