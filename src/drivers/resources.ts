import type { NamedValue } from '../nodedev/device.ts';

/** A device as the parts of a card that it takes by its attributes. */
export interface Taker {
  readonly uuid: string;
  /** sysfs name of the parent. */
  readonly parent: string;
  /** The state's files of an active device (`AttributeWrites.state`). Undefined: it is not active. */
  readonly files?: Readonly<Record<string, string>> | undefined;
  /** What is going to be written to it, in order. */
  readonly writes: readonly NamedValue[];
}

/**
 * What is wrong with the parts of a card that a device takes.
 *
 * - `refused`: the driver never takes the value;
 * - `kept`: the host keeps them for itself;
 * - `taken`: they are another device's;
 * - `absent`: the host does not have them: the driver accepts it, and the guest goes without.
 */
export interface ResourceProblem {
  readonly kind: 'refused' | 'kept' | 'taken' | 'absent';
  /** `taken`: the other device's uuid. */
  readonly by?: string | undefined;
  /** A sentence without full stop; for `taken` only the parts: `queue 05.0047`. */
  readonly says: string;
  readonly next: string;
  /** The write that the driver refuses, and its errno. */
  readonly write?: NamedValue | undefined;
  readonly errno?: string | undefined;
}
