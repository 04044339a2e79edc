import { KERNEL_LOG, type RefusalCause } from '../../drivers/refusal-cause.ts';

/**
 * The meanings of errnos for all drivers, unless {@link Driver.refusals} says otherwise. The first that fits is used, so
 * special ones come before general ones.
 *
 * Sources: `core` drivers/vfio/mdev/mdev_core.c and mdev_sysfs.c, seen on Linux 6.1 and 6.12; others as given.
 */
export const CAUSES: readonly RefusalCause[] = [
  // No room.
  {
    errno: 'ENOSPC', // the kernel's samples (samples/vfio-mdev)
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
  // The name is taken, or does not exist.
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
  // In use.
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
    next: 'on a real host, run it as root; if it was, the driver offers the attribute for reading only',
  },
  {
    errno: 'EACCES',
    code: 'permission-denied',
    says: 'this user may not',
    next: 'on a real host, changing devices needs root; a simulated one is changed by who may write to its files',
  },
  {
    errno: 'EPERM',
    code: 'permission-denied',
    says: 'this user may not',
    next: 'on a real host, changing devices needs root; a simulated one is changed by who may write to its files',
  },
  {
    errno: 'EROFS', // open(2)
    code: 'permission-denied',
    says: 'the file system is mounted read-only',
    next: 'in most containers /sys is: run it on the host, or give the container a writable /sys',
  },
  // Not understood or not possible.
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
