import type { Obstacle } from '../drivers/host-facts.ts';

/** Why a host offers no mediated devices, or fewer than expected. */
export interface Diagnosis {
  /** Whether there is a kernel's sysfs below the root. */
  readonly sysfs: boolean;
  /** Whether the mediated device core (mdev.ko) is loaded. */
  readonly core: boolean;
  /** What is missing on hardware that could have them, the most likely first. */
  readonly obstacles: readonly Obstacle[];
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
