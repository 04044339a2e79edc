import type { RefusalCause } from '../refusal-cause.ts';

const LOG = 'dmesg | grep vfio_ap';

/** What an errno of vfio_ap means. Source: drivers/s390/crypto/vfio_ap_ops.c. */
export const vfioApRefusals: readonly RefusalCause[] = [
  {
    errno: 'EPERM', // before Linux 6.1 it counted itself, and said so with EPERM
    operations: ['create'],
    code: 'no-instances',
    says: 'the driver has no instance left',
    next: '`types()` shows what is left; on a real host, run it as root',
  },
  {
    errno: 'ENODEV', // above apm_max, aqm_max or adm_max
    operations: ['attribute'],
    code: 'host-refused',
    says: 'the number is above the highest adapter or domain of this machine',
    next: '`lszcrypt -b` shows the highest domain, `lszcrypt` the adapters',
  },
  {
    errno: 'EADDRNOTAVAIL', // not bound to vfio_ap
    operations: ['attribute'],
    code: 'host-refused',
    says: 'a queue of this adapter and domain is not reserved for vfio_ap',
    next: 'take it from the host first: `chzdev -t ap apmask=-ADAPTER aqmask=-DOMAIN`; `lszcrypt -V` shows which driver has it',
    log: LOG,
  },
  {
    errno: 'EADDRINUSE', // queues are never shared
    operations: ['attribute'],
    code: 'host-refused',
    says: 'a queue of this adapter and domain belongs to another device',
    next: 'the `matrix` file of each vfio_ap device lists its queues: unassign it there, or choose another domain',
    log: LOG,
  },
  {
    errno: 'EBUSY', // older kernels: matrix_mdev->kvm
    operations: ['attribute'],
    code: 'in-use',
    says: 'a running VM has the device',
    next: 'stop the VM first; newer kernels change it while it runs',
  },
  {
    errno: 'EINVAL', // kstrtoul
    operations: ['attribute'],
    code: 'host-refused',
    says: 'the value is no number',
    next: 'adapters and domains are decimal or hexadecimal: 5, 0x05',
  },
];
