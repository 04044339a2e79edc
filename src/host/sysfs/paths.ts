import { HostError, type HostDevice, type HostParent } from '../host.ts';
import { isFileName } from '../tree.ts';

/** Paths of the kernel (Documentation/driver-api/vfio-mediated-device.rst), all below a host's root. */
export const BUSES = '/sys/bus';
export const MDEV_BUS = '/sys/class/mdev_bus';
export const MDEV_DEVICES = '/sys/bus/mdev/devices';
export const MDEV_DRIVERS = '/sys/bus/mdev/drivers';
/** VFIO's devices, since Linux 6.1. */
export const VFIO_DEVICES = '/sys/class/vfio-dev';
export const IOMMU_GROUPS = '/sys/kernel/iommu_groups';
export const DEV_VFIO = '/dev/vfio';
/** The id of this installation (machine-id(5)). */
export const MACHINE_ID = '/etc/machine-id';
/** What `uname -r` prints (proc_sys_kernel(5)). */
export const KERNEL_RELEASE = '/proc/sys/kernel/osrelease';
export const BOOT_ID = '/proc/sys/kernel/random/boot_id';

/** The directory of a type. A name that cannot be a directory is refused like an unknown type. */
export function typePath(parent: HostParent, type: string): string {
  const path = `${parent.path}/mdev_supported_types/${type}`;
  if (!isFileName(type)) throw new HostError('ENOENT', path);
  return path;
}

/** The entries that the kernel's cores create for every mediated device. All others are the vendor driver's. */
const KERNEL_ENTRIES: ReadonlySet<string> = new Set([
  'driver',
  'driver_override',
  'iommu_group',
  'mdev_type',
  'online',
  'power',
  'remove',
  'subsystem',
  'uevent',
  'vfio-dev',
]);

/**
 * Whether an entry of a device's directory belongs to the vendor driver. Links to other devices do not, nor what begins
 * with a `.`, which is what an interrupted write to a simulated host leaves.
 */
export function isVendorEntry(name: string): boolean {
  return !KERNEL_ENTRIES.has(name) && !/^(?:consumer:|supplier:|\.)/.test(name);
}

/** Whether a name may be that of a driver's attribute: `matrix`, `nvidia/vgpu_params`. */
export function isAttributeName(name: string): boolean {
  const parts = name.split('/');
  return parts.length <= 2 && parts.every(isFileName) && isVendorEntry(parts[0] ?? '');
}

/**
 * The file of a driver's attribute: `matrix`, `nvidia/vgpu_params`. A name that leaves the device, or is one of the
 * kernel's own files (`remove` blocks while the device is open), is refused with EACCES before anything is opened.
 */
export function attributePath(device: HostDevice, name: string): string {
  const path = `${device.path}/${name}`;
  if (!isAttributeName(name)) throw new HostError('EACCES', path);
  return path;
}

/** What a write to a file of the mediated device core asks for, in either layout; of every other file it is `attribute`. */
export function callOf(path: string): 'create' | 'remove' | 'attribute' {
  if (/\/(?:mdev_supported_types\/[^/]+\/create|mdev_create)$/.test(path)) return 'create';
  return /\/(?:[0-9a-f-]{36}\/remove|mdev_destroy)$/.test(path) ? 'remove' : 'attribute';
}

/** What the kernel's core makes for every type (Documentation/driver-api/vfio-mediated-device.rst). */
const KERNEL_FILES: ReadonlySet<string> = new Set([
  'available_instances',
  'create',
  'description',
  'device_api',
  'devices',
  'name',
]);

/** Whether a name can be that of a vendor's file in a type's directory. */
export const isTypeFile = (name: string): boolean =>
  isFileName(name) && !KERNEL_FILES.has(name) && !name.startsWith('.');

/** The drivers that bind all mediated devices of a class before Linux 5.14. `virtio_mdev` has been in no release (series of 2019). */
export const SHIMS = { vfio: 'vfio_mdev', virtio: 'virtio_mdev' } as const;
