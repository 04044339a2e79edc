import type { Driver } from '../../drivers/driver.ts';
import { deviceNodes } from '../../drivers/settings.ts';
import { deviceClass } from '../../nodedev/device-class.ts';
import { SHIMS } from '../sysfs/paths.ts';
import type { SimulatedCard, SimulatedHardware } from './profile.ts';

/** How a kernel's cores show mediated devices, as far as management sees it. */
export interface KernelRules {
  /** One driver of each class, such as `vfio_mdev`, binds the devices of all parents. */
  readonly shim: boolean;
  /** Every type has a `name`: without one of its own it is the id without the driver's prefix. */
  readonly coreNames: boolean;
  /** The core counts a parent's devices for drivers that ask it to (EUSERS at 0); before, the driver does (ENOSPC). */
  readonly coreCounts: boolean;
  /** A device has a `vfio-dev/vfioN`. */
  readonly vfioDev: boolean;
  /** And a node of its own, `/dev/vfio/devices/vfioN`, beside that of its group; there is a `/dev/iommu`. */
  readonly cdev: boolean;
  /** Types are one table, and devices are asked for at their parent: as proposed in 2016, before there was a release. */
  readonly flat?: true;
}

/** The kernel of a profile that names none: the captures' and Debian 12's. */
export const DEFAULT_KERNEL = '6.1';

/** The rules of a host. A profile that names no kernel says itself which types have a name. */
export function kernelOf({
  kernel,
  layout,
}: Pick<SimulatedHardware, 'kernel' | 'layout'>): KernelRules {
  // What was proposed in 2016 differs from the first release by its layout only, as far as is known.
  const version = layout === 'v7' ? '4.10' : (kernel ?? DEFAULT_KERNEL);
  const rules = kernelRules(version);
  if (rules === undefined) throw new Error(`a host with kernel ${version}`);
  if (layout === 'v7') return { ...rules, flat: true };
  return kernel === undefined ? { ...rules, coreNames: false } : rules;
}

/** The mdev driver that a card's devices are bound to: where one binds those of all parents, it matches on their class. */
export const mdevDriverOf = (
  rules: KernelRules,
  { mdevDriver, deviceClass: of = 'vfio' }: Driver,
): string => (rules.shim ? SHIMS[of] : mdevDriver);

/** Whether a card's devices are VFIO's, which makes their IOMMU group, `vfio-dev` and nodes (c68ea0d00ad8, Linux 5.16). */
export const isOfVfio = ({ types }: Pick<SimulatedCard, 'types'>): boolean =>
  types.every(({ deviceApi }) => deviceClass(deviceApi) === 'vfio');

/** By which files devices are opened. */
export interface DeviceNodes {
  readonly group: boolean;
  readonly own: boolean;
}

/**
 * By which files a card's devices are opened: that of their IOMMU group's, `/dev/vfio/N`, and their own,
 * `/dev/vfio/devices/vfioN`. A kernel without groups gives an emulated device no IOMMU group, either (drivers/vfio/group.c).
 */
export function nodesOf(
  { cdev }: KernelRules,
  card: Pick<SimulatedCard, 'settings' | 'types'>,
): DeviceNodes {
  if (!isOfVfio(card)) return { group: false, own: false };
  const { group, own } = deviceNodes(card);
  return { group: group || !cdev, own: own && cdev };
}

/** Why a kernel cannot have the files that a card's settings ask for, as a sentence. */
export const nodesProblem = (
  { cdev }: KernelRules,
  card: Pick<SimulatedCard, 'settings'>,
): string | undefined =>
  !cdev && !deviceNodes(card).group
    ? "without groups' files there are only those of Linux 6.6, and this host has an older <kernel>"
    : undefined;

/** The release that changed each rule, and the commit. */
const CHANGES: Readonly<
  Record<
    Exclude<keyof KernelRules, 'flat'>,
    { readonly since: readonly [number, number]; readonly is: boolean }
  >
> = {
  // 88a21f265ce5 "vfio/mdev: Allow the mdev_parent_ops to specify the device driver to bind", Linux 5.14
  shim: { since: [5, 14], is: false },
  // 0bc79069ccbb "vfio/mdev: consolidate all the name sysfs into the core code", Linux 6.1
  coreNames: { since: [6, 1], is: true },
  // f2fbc72e6da4 "vfio/mdev: consolidate all the available_instance sysfs into the core code", Linux 6.1
  coreCounts: { since: [6, 1], is: true },
  // 3c28a76124b2 "vfio: Add struct device to vfio_device", Linux 6.1
  vfioDev: { since: [6, 1], is: true },
  // 8b6f173a4ce4 "vfio: Add cdev for vfio_device", Linux 6.6, where it is configured
  cdev: { since: [6, 6], is: true },
};

/** Linux 4.10 is the first with mediated devices. */
const FIRST = [4, 10] as const;

/** The rules of a version: `6.1`, `5.15.0-91-generic`. Undefined: it is none, or one without mediated devices. */
export function kernelRules(version: string): KernelRules | undefined {
  const [, major, minor] = /^(\d{1,3})\.(\d{1,3})(?:[.-]|$)/.exec(version) ?? [];
  if (major === undefined || minor === undefined) return undefined;
  const isSince = ([a, b]: readonly [number, number]): boolean =>
    Number(major) > a || (Number(major) === a && Number(minor) >= b);
  if (!isSince(FIRST)) return undefined;
  const rule = (name: keyof typeof CHANGES): boolean => {
    const { since, is } = CHANGES[name];
    return isSince(since) === is;
  };
  return {
    shim: rule('shim'),
    coreNames: rule('coreNames'),
    coreCounts: rule('coreCounts'),
    vfioDev: rule('vfioDev'),
    cdev: rule('cdev'),
  };
}
