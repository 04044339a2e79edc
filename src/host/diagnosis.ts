import type { Obstacle } from '../drivers/host-facts.ts';

/** What a tree says about mediated devices when it offers none, or fewer than one would think. */
export interface Diagnosis {
  /** Whether there is a kernel's sysfs below the root. */
  readonly sysfs: boolean;
  /** Whether the mediated device core (mdev.ko) is loaded. */
  readonly core: boolean;
  /** What hardware lacks that could have them, the likeliest first. */
  readonly obstacles: readonly Obstacle[];
}

/** A file of udev rules that runs a program which is not there. */
export interface BrokenRule {
  /** Below the root: `/usr/lib/udev/rules.d/60-mdevctl.rules`. */
  readonly file: string;
  /** The first that runs it. */
  readonly line: number;
  /** As the rule has it: `/usr/sbin/mdevctl`. */
  readonly program: string;
  /** Where a program of this name is. */
  readonly elsewhere?: string | undefined;
}
