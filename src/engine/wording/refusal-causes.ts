import type { ErrorCode } from '../../errors.ts';

/** What was asked of the host: writing `create`, `remove` or an attribute, or opening a device as a VM does. */
export type Operation = 'create' | 'remove' | 'attribute' | 'open';

/** One reason a host refuses, for a person. */
export interface Cause {
  readonly errno: string;
  /** Undefined: whatever was asked. */
  readonly operations?: readonly Operation[] | undefined;
  /** Names of `drivers/`; undefined: whatever the driver. */
  readonly drivers?: readonly string[] | undefined;
  readonly code: ErrorCode;
  /** Completes "Unable to create …: ". */
  readonly says: string;
  readonly next: string;
  /** The command that shows what the kernel or the vendor's program said, where it says more than the errno. */
  readonly log?: string | undefined;
}

/** The kernel log; a driver's complaint is among its last lines. */
const KERNEL_LOG = 'dmesg | tail -n 20';
/** https://github.com/DualCoder/vgpu_unlock/issues/71: what NVIDIA's manager says, and (-k) its module. */
const NVIDIA_LOG = "journalctl -b | grep -i 'vgpu'";
const AP_LOG = 'dmesg | grep vfio_ap';

/**
 * Every refusal with a known cause; the first that fits counts, so the particular stand before the general.
 *
 * Sources: `core` drivers/vfio/mdev/mdev_core.c and mdev_sysfs.c, seen on Linux 6.1 and 6.12; `ap`
 * drivers/s390/crypto/vfio_ap_ops.c; `ccw` drivers/s390/cio/vfio_ccw_ops.c; others as given.
 */
export const CAUSES: readonly Cause[] = [
  // No room.
  {
    errno: 'ENOSPC', // https://github.com/intel/gvt-linux/issues/122
    operations: ['create'],
    drivers: ['i915'],
    code: 'no-instances',
    says: 'no graphics memory or fence is left for a vGPU of this type',
    next: "destroy a vGPU of this GPU, or enlarge the graphics aperture in the firmware's setup",
    log: KERNEL_LOG,
  },
  {
    errno: 'ENOSPC',
    operations: ['create'],
    drivers: ['nvidia'],
    code: 'no-instances',
    says: 'the GPU has no room for a vGPU of this type',
    next: 'vGPUs of one GPU have the same size: `types()` shows which types are left',
    log: NVIDIA_LOG,
  },
  {
    errno: 'ENOSPC', // samples/vfio-mdev/mtty.c and mbochs.c
    operations: ['create'],
    code: 'no-instances',
    says: 'the driver has no room left for this type on this parent',
    next: '`types()` shows what is left; destroy a device of this parent first',
  },
  {
    errno: 'EUSERS', // core, since Linux 6.1: one counter for all types of a parent
    operations: ['create'],
    code: 'no-instances',
    says: 'the parent already has as many devices as its driver allows, of all types together',
    next: 'destroy a device of this parent first, or use another parent',
  },
  {
    errno: 'EPERM', // ap and ccw before Linux 6.1 counted themselves, and said so with EPERM
    operations: ['create'],
    drivers: ['vfio_ap', 'vfio_ccw'],
    code: 'no-instances',
    says: 'the driver has no instance left',
    next: '`types()` shows what is left; as an ordinary user, run it as root',
  },
  // The name is taken, or what was named is not there.
  {
    errno: 'EEXIST', // core
    operations: ['create'],
    code: 'uuid-exists',
    says: 'a device with this uuid exists on this host, perhaps under another parent',
    next: "`list({ capabilities: ['mdev'] })` shows it; leave <uuid> out to have one generated",
  },
  {
    errno: 'ENOENT', // core: the files go when the parent unregisters
    operations: ['create'],
    code: 'host-refused',
    says: 'the parent or its type has gone meanwhile',
    next: '`types()` shows what there is; was the driver unloaded or reset?',
  },
  {
    errno: 'ENOENT',
    operations: ['remove'],
    code: 'host-refused',
    says: 'the device is gone already',
    next: "`list({ capabilities: ['mdev'] })` shows what there is",
  },
  {
    errno: 'ENOENT',
    operations: ['attribute'],
    code: 'host-refused',
    says: 'the device has no such attribute',
    next: 'correct the <attr name>; the attributes are the files in the sysfs directory of the device',
  },
  {
    errno: 'ENODEV', // ccw: state NOT_OPER
    operations: ['create'],
    drivers: ['vfio_ccw'],
    code: 'host-refused',
    says: 'the subchannel is not operational',
    next: '`lscss` shows its state; its device may be detached or offline',
    log: KERNEL_LOG,
  },
  {
    errno: 'ENODEV', // ap: above apm_max, aqm_max or adm_max
    operations: ['attribute'],
    drivers: ['vfio_ap'],
    code: 'host-refused',
    says: 'the number is above the highest adapter or domain of this machine',
    next: '`lszcrypt -b` shows the highest domain, `lszcrypt` the adapters',
  },
  {
    errno: 'ENODEV', // core: unregistering has begun
    code: 'host-refused',
    says: 'the device or its parent is being removed',
    next: 'the driver is being unloaded, unbound or reset: wait for it, then look again',
    log: KERNEL_LOG,
  },
  {
    errno: 'EAGAIN', // core: another removal is under way
    operations: ['remove'],
    code: 'host-refused',
    says: 'somebody else is removing the device',
    next: "wait a moment, then look with `list({ capabilities: ['mdev'] })`",
  },
  // Queues of s390 crypto.
  {
    errno: 'EADDRNOTAVAIL', // ap: not bound to vfio_ap
    operations: ['attribute'],
    drivers: ['vfio_ap'],
    code: 'host-refused',
    says: 'a queue of this adapter and domain is not reserved for vfio_ap',
    next: 'take it from the host first: `chzdev -t ap apmask=-ADAPTER aqmask=-DOMAIN`; `lszcrypt -V` shows which driver has it',
    log: AP_LOG,
  },
  {
    errno: 'EADDRINUSE', // ap: queues are never shared
    operations: ['attribute'],
    drivers: ['vfio_ap'],
    code: 'host-refused',
    says: 'a queue of this adapter and domain belongs to another device',
    next: 'the `matrix` file of each vfio_ap device lists its queues: unassign it there, or choose another domain',
    log: AP_LOG,
  },
  {
    errno: 'EBUSY', // ap, older kernels: matrix_mdev->kvm
    operations: ['attribute'],
    drivers: ['vfio_ap'],
    code: 'in-use',
    says: 'a running VM has the device',
    next: 'stop the VM first; newer kernels change it while it runs',
  },
  // In use.
  {
    errno: 'EBUSY',
    operations: ['open'],
    drivers: ['nvidia'],
    code: 'in-use',
    says: 'the vGPU is in use, or its VM has vGPUs already and takes no more while it runs',
    next: 'stop what uses it first',
    log: NVIDIA_LOG,
  },
  {
    errno: 'EBUSY',
    code: 'in-use',
    says: 'the device is in use',
    next: 'stop what uses it first',
  },
  // Not allowed.
  {
    errno: 'EACCES', // the kernel's own files, and files only for reading
    operations: ['attribute'],
    code: 'permission-denied',
    says: 'the attribute may not be written',
    next: 'run it as root; if it was, the driver offers the attribute for reading only',
  },
  {
    errno: 'EACCES',
    code: 'permission-denied',
    says: 'this user may not',
    next: 'changing devices needs root',
  },
  {
    errno: 'EPERM',
    code: 'permission-denied',
    says: 'this user may not',
    next: 'changing devices needs root',
  },
  {
    errno: 'EROFS', // open(2)
    code: 'permission-denied',
    says: 'the file system is mounted read-only',
    next: 'in most containers /sys is: run it on the host, or give the container a writable /sys',
  },
  // Not understood, or not possible.
  {
    errno: 'EINVAL', // https://github.com/mdevctl/mdevctl/issues/115; the reason is in the logs only
    operations: ['create'],
    drivers: ['nvidia'],
    code: 'host-refused',
    says: "NVIDIA's vGPU manager did not accept it",
    next: 'its reason is in its log',
    log: NVIDIA_LOG,
  },
  {
    errno: 'EINVAL',
    operations: ['attribute'],
    drivers: ['nvidia'],
    code: 'host-refused',
    says: 'the driver did not accept the value',
    next: 'vGPU parameters are `name=value`, separated by commas; its reason is in its log',
    log: NVIDIA_LOG,
  },
  {
    errno: 'EINVAL', // ap: kstrtoul
    operations: ['attribute'],
    drivers: ['vfio_ap'],
    code: 'host-refused',
    says: 'the value is no number',
    next: 'adapters and domains are decimal or hexadecimal: 5, 0x05',
  },
  {
    errno: 'EINVAL',
    operations: ['attribute'],
    code: 'host-refused',
    says: 'the driver did not accept the value',
    next: 'correct the <attr value>',
    log: KERNEL_LOG,
  },
  {
    errno: 'EINVAL',
    code: 'host-refused',
    says: 'the driver did not accept it',
    next: 'its reason is in the kernel log',
    log: KERNEL_LOG,
  },
  {
    errno: 'ENOMEM', // core and every driver
    code: 'host-refused',
    says: 'the kernel has no memory for it',
    next: 'free memory of the host first',
    log: KERNEL_LOG,
  },
];
