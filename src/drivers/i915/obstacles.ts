import {
  gpuObstacles,
  type GpuProblem,
  gpusOf,
  type HostFacts,
  isParent,
  type Obstacle,
} from '../host-facts.ts';

const SUPPORTED = 'GVT-g is for Broadwell and the Skylake family only';

/**
 * What a host's Intel GPUs lack: i915's parameter `enable_gvt` and the module kvmgt
 * (https://github.com/intel/gvt-linux/issues/32).
 */
export function i915Obstacles(host: HostFacts): readonly Obstacle[] {
  return gpuObstacles(gpusOf(host, '0x8086'), ({ address, driver }) =>
    driver !== 'i915' || isParent(host, address) ? undefined : problemOf(host),
  );
}

function problemOf(host: HostFacts): GpuProblem {
  const noun = 'Intel GPU';
  if (host.read('/sys/module/i915/parameters/enable_gvt') === 'N') {
    return {
      noun,
      says: 'GVT-g is off (i915.enable_gvt=N)',
      next: `boot with i915.enable_gvt=1 and load kvmgt; ${SUPPORTED}`,
    };
  }
  return host.exists('/sys/module/kvmgt')
    ? {
        noun,
        says: 'kvmgt is loaded, but i915 offers no GVT-g',
        next: `boot with i915.enable_gvt=1; \`dmesg | grep -i gvt\` shows why not; ${SUPPORTED}`,
      }
    : {
        noun,
        says: 'the module kvmgt is not loaded',
        next: `\`modprobe kvmgt\`, with i915.enable_gvt=1 on the kernel command line; ${SUPPORTED}`,
      };
}
