import type { RefusalCause } from '../refusal-cause.ts';

/** The command for the log of NVIDIA's manager and (-k) module: https://github.com/DualCoder/vgpu_unlock/issues/71 */
const LOG = "journalctl -b | grep -i 'vgpu'";

/** The meanings of errnos of NVIDIA's driver. */
export const nvidiaRefusals: readonly RefusalCause[] = [
  {
    errno: 'ENOSPC',
    operations: ['create'],
    code: 'no-instances',
    says: 'the GPU has no room for a vGPU of this type',
    next: 'vGPUs of one GPU have the same size: `types()` shows which types are left',
    log: LOG,
  },
  {
    errno: 'EBUSY',
    operations: ['open'],
    code: 'in-use',
    says: 'the vGPU is in use, or its VM has vGPUs already and takes no more while it runs',
    next: 'stop what uses it first',
    log: LOG,
  },
  {
    errno: 'EINVAL', // https://github.com/mdevctl/mdevctl/issues/115; the reason is in the logs only
    operations: ['create'],
    code: 'host-refused',
    says: "NVIDIA's vGPU manager did not accept it",
    next: 'its reason is in its log',
    log: LOG,
  },
  {
    errno: 'EINVAL',
    operations: ['attribute'],
    code: 'host-refused',
    says: 'the driver did not accept the value',
    next: 'vGPU parameters are `name=value`, separated by commas; its reason is in its log',
    log: LOG,
  },
];
