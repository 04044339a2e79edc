import { type Gpu, gpusOf, type HostFacts, type Obstacle } from '../host-facts.ts';
import { boardOf, driverRelease, frameworkOf, functionsOn, kernelRelease } from './gpu-facts.ts';

/**
 * Which framework each GPU of a host has, and why, where it is not mediated devices alone: those are what every tool shows.
 */
export function nvidiaFrameworks(host: HostFacts): readonly Obstacle[] {
  const gpus = gpusOf(host, '0x10de').flatMap((gpu) => {
    const framework = host.exists(`${gpu.path}/physfn`) ? undefined : frameworkOf(host, gpu);
    return framework === undefined ? [] : [{ gpu, framework }];
  });
  if (!gpus.some(({ framework }) => framework === 'functions')) return [];
  return gpus.map(({ gpu, framework }) => ({
    says: `NVIDIA GPU ${gpu.address} (${boardOf(host, gpu)}): ${says(host, gpu, framework)}${stack(host)}`,
    next:
      framework === 'functions'
        ? "virsh and mdevctl show none of its vGPUs; a VM gets one by its function's address, `managed='no'`"
        : 'its vGPUs are mediated devices: a VM gets one by its uuid',
  }));
}

function says(host: HostFacts, gpu: Gpu, framework: 'functions' | 'mediated'): string {
  if (framework === 'mediated')
    return 'vGPUs are mediated devices, since the driver registered it with mdev';
  const functions = functionsOn(host, gpu);
  const taken = functions.filter((path) => {
    const type = host.read(`${path}/nvidia/current_vgpu_type`)?.trim();
    return type !== undefined && type !== '0';
  });
  return `vGPUs are virtual functions with a type, not mediated devices, since the functions have nvidia/current_vgpu_type; ${functions.length} are on, ${taken.length} have a type`;
}

function stack(host: HostFacts): string {
  const [release, kernel] = [driverRelease(host), kernelRelease(host)];
  const parts = [
    ...(release === undefined ? [] : [`driver ${release}`]),
    ...(kernel === undefined ? [] : [`Linux ${kernel}`]),
  ];
  return parts.length === 0 ? '' : `; ${parts.join(', ')}`;
}
