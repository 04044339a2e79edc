import type { Obstacle } from '../drivers/host-facts.ts';

/** Why a host offers no mediated devices, or fewer than expected. */
export interface Diagnosis {
  /** Whether there is a kernel's sysfs below the root. */
  readonly sysfs: boolean;
  /** Whether the mediated device core (mdev.ko) is loaded. */
  readonly core: boolean;
  /** What is missing on hardware that could have them, the most likely first. */
  readonly obstacles: readonly Obstacle[];
  /** Which framework cards have, and why, where they differ or it is not mediated devices. */
  readonly frameworks: readonly Obstacle[];
  /** Files of programs on the host that say more of types, and cannot be read. */
  readonly unread: readonly UnreadFile[];
}

/** A file that is there and is not used, and why. */
export interface UnreadFile {
  /** Below the root. */
  readonly path: string;
  /** A sentence without full stop. */
  readonly says: string;
}

/** A file of udev rules that runs a program that does not exist. */
export interface BrokenRule {
  /** Below the root: `/usr/lib/udev/rules.d/60-mdevctl.rules`. */
  readonly file: string;
  /** The first line that runs the program. */
  readonly line: number;
  /** The path in the rule: `/usr/sbin/mdevctl`. */
  readonly program: string;
  /** The path where a program of this name exists. */
  readonly elsewhere?: string | undefined;
}
