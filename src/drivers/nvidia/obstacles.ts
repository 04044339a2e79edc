import {
  type Gpu,
  gpuObstacles,
  type GpuProblem,
  gpusOf,
  type HostFacts,
  isParent,
  type Obstacle,
} from '../host-facts.ts';

const NOUN = 'NVIDIA GPU';

/**
 * What a host's NVIDIA GPUs lack: vGPU needs the vGPU manager's driver, and on GPUs since Ampere its virtual functions.
 * Since vGPU 17, on Ada and later or Linux 6.8 and later, a function takes its type through `nvidia/current_vgpu_type`
 * and there are no mediated devices: it is a parent all the same (https://docs.nvidia.com/vgpu/17.0/grid-vgpu-user-guide/,
 * https://github.com/kubevirt/kubevirt/issues/17642).
 */
export function nvidiaObstacles(host: HostFacts): readonly Obstacle[] {
  return gpuObstacles(gpusOf(host, '0x10de'), (gpu) => problemOf(host, gpu));
}

function problemOf(host: HostFacts, { address, path, driver }: Gpu): GpuProblem | undefined {
  const isFunction = host.exists(`${path}/physfn`);
  if (isFunction || isParent(host, address) || functionsOffer(host, path)) return undefined;
  if (driver !== 'nvidia') {
    return {
      noun: NOUN,
      says:
        driver === undefined
          ? 'no driver is loaded for it'
          : `it is bound to ${driver}, not to NVIDIA's driver`,
      next: "install NVIDIA's vGPU manager for KVM and bind the GPU to its driver, nvidia",
    };
  }
  const total = Number(host.read(`${path}/sriov_totalvfs`) ?? 0);
  if (total > 0 && Number(host.read(`${path}/sriov_numvfs`)) === 0) {
    return {
      noun: NOUN,
      says: 'its SR-IOV virtual functions, which have the vGPUs, are off',
      next: enableFunctions(address),
      nextOfSeveral: enableFunctions('ALL'),
    };
  }
  return host.exists('/sys/module/nvidia_vgpu_vfio')
    ? {
        noun: NOUN,
        says: "NVIDIA's vGPU manager is loaded but offers no type for it",
        next: "the GPU may have no vGPU support, or be in MIG mode without instances: `journalctl -b | grep -i 'vgpu'` shows what the manager says",
      }
    : {
        noun: NOUN,
        says: "NVIDIA's driver is loaded without its vGPU manager (module nvidia_vgpu_vfio)",
        next: "install NVIDIA's vGPU manager for KVM instead of the plain driver",
      };
}

const enableFunctions = (which: string): string =>
  `\`/usr/lib/nvidia/sriov-manage -e ${which}\` (part of NVIDIA's vGPU manager) enables them until the next boot`;

/** Whether the virtual functions of a GPU offer what the GPU itself does not. */
function functionsOffer(host: HostFacts, path: string): boolean {
  return host
    .names(path)
    .filter((name) => /^virtfn\d+$/.test(name))
    .some(
      (name) =>
        hasVariant(host, `${path}/${name}`) || isParent(host, host.link(`${path}/${name}`) ?? ''),
    );
}

const hasVariant = (host: HostFacts, path: string): boolean =>
  host.exists(`${path}/nvidia/current_vgpu_type`);
