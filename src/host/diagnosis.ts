/** What keeps a device, or a whole bus (no `devices`), from having mediated devices. */
export type ObstacleKind =
  /** NVIDIA's vendor-specific VFIO framework, which has no mediated devices. */
  | 'nvidia-vfio-variant'
  /** Bound to no driver, or to one that is not NVIDIA's. */
  | 'nvidia-driver'
  /** SR-IOV virtual functions, which are the parents on such GPUs, are off. */
  | 'nvidia-functions-off'
  /** NVIDIA's driver runs, its vGPU manager does not. */
  | 'nvidia-manager'
  /** All is loaded, but nothing is offered. */
  | 'nvidia-silent'
  | 'intel-gvt-off'
  | 'intel-kvmgt'
  | 'intel-silent'
  /** There are s390 crypto queues, but vfio_ap is not loaded. */
  | 'ap-driver'
  /** There are s390 subchannels, but vfio_ccw is not loaded. */
  | 'ccw-driver'
  /** vfio_ccw is loaded, but no subchannel is bound to it. */
  | 'ccw-unbound';

/** The same thing standing in the way of one or several devices. */
export interface Obstacle {
  readonly kind: ObstacleKind;
  /** sysfs names, sorted; empty when it concerns a bus. */
  readonly devices: readonly string[];
  /** What they are bound to, where that is the obstacle. */
  readonly driver?: string | undefined;
}

/** What a tree says about mediated devices when it offers none, or fewer than one would think. Facts, no sentences. */
export interface Diagnosis {
  /** Whether there is a kernel's sysfs below the root. */
  readonly sysfs: boolean;
  /** Whether the mediated device core (mdev.ko) is loaded. */
  readonly core: boolean;
  /** In the order of {@link ObstacleKind}'s vendors: NVIDIA, Intel, s390. */
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
