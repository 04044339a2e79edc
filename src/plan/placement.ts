import type { TypeRequest } from '../engine/devices/types-of-parent.ts';

/** Where the devices of one group must be, relative to each other. */
export type Affinity = 'same-parent' | 'different-parents' | 'same-numa-node';

/** `pack`: use as few empty cards as possible. `spread`: the same number of devices on each card, as far as possible. */
export type Policy = 'pack' | 'spread';

/** Devices to be placed. */
export interface PlacementRequest {
  /** Id, name or criteria. Each device may get any type that meets them. */
  readonly type: TypeRequest;
  /** Default 1. */
  readonly count?: number | undefined;
  /** Requests with the same group have one affinity. A request without one is a group of its own. */
  readonly group?: string | undefined;
  /** Default: none. */
  readonly affinity?: Affinity | undefined;
  /** The NUMA node, or the nodes, one of which its card must be on. Default: any, also one that is not known. */
  readonly node?: number | readonly number[] | undefined;
  /** The nodes its card should be on; where they have no room, it is elsewhere, and a caveat says so. Without `node` only. */
  readonly near?: readonly number[] | undefined;
}

/** The parent that was found for one device. */
export interface PlacedDevice {
  /** Index of its request. */
  readonly request: number;
  readonly group?: string | undefined;
  /** Node device name of the parent. */
  readonly parent: string;
  /** The type's id. */
  readonly type: string;
}

/** A parent for every device. */
export interface Placement {
  readonly fits: true;
  readonly policy: Policy;
  /** In the order of the requests. */
  readonly devices: readonly PlacedDevice[];
  /** `pack`: the number of cards that were empty before. `spread`: the sum of squares of each card's number of devices. */
  readonly cost: number;
  /** No placement costs less than this. When it equals `cost`, this placement is the best possible. */
  readonly bound: number;
  /** Why there may be less room than assumed. Empty: the rules are exact. */
  readonly caveats: readonly string[];
}

/** The devices cannot all be placed. */
export interface Misfit {
  readonly fits: false;
  readonly policy: Policy;
  /** Whether it is proven that no placement exists. False: the search found none. */
  readonly proven: boolean;
  readonly reason: string;
  /** The smallest changes with which every device has a place. Each one is enough. Empty: none was found. */
  readonly changes: readonly string[];
}
