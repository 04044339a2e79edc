import type { RefusalCause } from '../refusal-cause.ts';
import { nvidiaRefusals } from './refusals.ts';

const LOG = "dmesg | grep -i 'NVRM\\|vgpu'";

/** The meanings of errnos of writes to a function's type (NVIDIA's kernel interface, MIT, 2017-2022). None is about rights. */
export const functionRefusals: readonly RefusalCause[] = [
  {
    errno: 'EIO',
    operations: ['create'],
    code: 'no-instances',
    says: 'the GPU did not take this type: it has no room, has vGPUs of another size, or is in MIG mode without a GPU instance for it',
    next: '`types()` shows what its functions offer now',
    log: LOG,
  },
  {
    errno: 'EPERM',
    operations: ['create'],
    code: 'host-refused',
    says: 'the function has a type already, and that is never overwritten',
    next: "`list({ capabilities: ['mdev'] })` shows what has it; take another function, or destroy that first",
  },
  {
    errno: 'EINVAL',
    operations: ['create'],
    code: 'host-refused',
    says: "the function is not served by NVIDIA's vGPU manager; it may have been unbound from its driver",
    next: 'only turning the virtual functions of the GPU off and on again heals that',
    log: LOG,
  },
  {
    errno: 'EPERM',
    operations: ['remove'],
    code: 'in-use',
    says: 'a VM still has the vGPU open, or is just ending',
    next: 'stop the VM, wait some seconds, and try again',
    log: LOG,
  },
  {
    errno: 'EBUSY',
    operations: ['remove'],
    code: 'in-use',
    says: 'the VM that had the vGPU has ended, but what served it has not yet',
    next: 'wait some seconds, and try again',
    log: LOG,
  },
  {
    errno: 'ENOENT',
    operations: ['remove'],
    code: 'host-refused',
    says: 'the function has another type now, or none: somebody else changed it',
    next: "`list({ capabilities: ['mdev'] })` shows what there is",
  },
  {
    errno: 'EPERM',
    operations: ['attribute'],
    code: 'in-use',
    says: 'it is not changed while a VM has the vGPU open, and this is not about rights',
    next: 'stop the VM first',
  },
  {
    errno: 'E2BIG',
    operations: ['attribute'],
    code: 'host-refused',
    says: 'the text is longer than the driver takes',
    next: 'shorten it: vGPU parameters are `name=value`, separated by commas',
  },
  {
    errno: 'ENXIO',
    operations: ['attribute'],
    code: 'host-refused',
    says: 'the function has no vGPU now, and only a vGPU has attributes: somebody else took its type',
    next: "`list({ capabilities: ['mdev'] })` shows what there is",
  },
  ...nvidiaRefusals.filter(({ operations }) => operations?.includes('attribute')),
];
