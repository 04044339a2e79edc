import {
  type Gpu,
  gpuObstacles,
  type GpuProblem,
  gpusOf,
  type HostFacts,
  type Obstacle,
} from '../host-facts.ts';
import { frameworkOf, functionsOn, holdersOf } from './gpu-facts.ts';

const NOUN = 'NVIDIA GPU';
/** The nodes that keep the driver from letting its functions be switched. */
const NVIDIA_NODES = /^nvidia(?:\d+|ctl)$/;

/**
 * What a host's NVIDIA GPUs lack: vGPU needs the vGPU manager's driver, and on GPUs since Ampere its virtual functions.
 * Since vGPU 17, on Ada and later or Linux 6.8 and later, a function takes its type through `nvidia/current_vgpu_type`
 * and there are no mediated devices: it is a parent all the same (https://docs.nvidia.com/vgpu/17.0/grid-vgpu-user-guide/,
 * https://github.com/kubevirt/kubevirt/issues/17642).
 */
export function nvidiaObstacles(host: HostFacts): readonly Obstacle[] {
  const gpus = gpusOf(host, '0x10de').filter(({ path }) => !host.exists(`${path}/physfn`));
  return [
    ...gpuObstacles(gpus, (gpu) => problemOf(host, gpu)),
    ...gpuObstacles(gpus, (gpu) => listProblem(host, gpu)),
    ...gpuObstacles(gpus, (gpu) => strayProblem(host, gpu)),
    ...bootObstacle(host, gpus),
  ];
}

function problemOf(host: HostFacts, gpu: Gpu): GpuProblem | undefined {
  const { address, path, driver } = gpu;
  if (frameworkOf(host, gpu) !== undefined) return undefined;
  if (driver === 'vfio-pci') return passedThrough(host, gpu);
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
  if (total > 0 && Number(host.read(`${path}/sriov_numvfs`)) === 0)
    return switchedOff(host, address);
  const others = functionsOn(host, gpu).flatMap((each) => {
    const bound = host.link(`${each}/driver`) ?? 'no driver';
    return bound === 'nvidia' ? [] : [bound];
  });
  if (others[0] !== undefined) {
    return {
      noun: NOUN,
      says: `its virtual functions are bound to ${others[0]}, not to NVIDIA's driver, which gives them types`,
      next: `only switching them off and on binds them again: \`/usr/lib/nvidia/sriov-manage -d ${address}\`, then \`-e\`; a VM takes them with \`managed='no'\``,
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

/** The whole GPU is for one VM. */
function passedThrough(host: HostFacts, { address, path }: Gpu): GpuProblem {
  const group = host.link(`${path}/iommu_group`) ?? '';
  const holders = /^\d+$/.test(group) ? holdersOf(host, new RegExp(`^${group}$`)) : [];
  const by = holders.length === 0 ? '' : `, and held by ${holders.join(', ')}`;
  return {
    noun: NOUN,
    says: `it is bound to vfio-pci, which passes the whole GPU to a VM${by}`,
    next: `for vGPUs give it back to NVIDIA's driver while no VM has it: \`virsh nodedev-reattach pci_${address.replaceAll(/[:.]/g, '_')}\``,
  };
}

/** sriov-manage says 'Cannot obtain unbindLock' while another program has the GPU (https://github.com/bigstack-oss/cubecos/issues/905). */
function switchedOff(host: HostFacts, address: string): GpuProblem {
  const holders = holdersOf(host, NVIDIA_NODES);
  const first =
    holders.length === 0 ? '' : `stop what has the GPU open (${holders.join(', ')}), then `;
  return {
    noun: NOUN,
    says: 'its SR-IOV virtual functions, which have the vGPUs, are off',
    next: `${first}${enableFunctions(address)}`,
    nextOfSeveral: `${first}${enableFunctions('ALL')}`,
  };
}

const enableFunctions = (which: string): string =>
  `\`/usr/lib/nvidia/sriov-manage -e ${which}\` (part of NVIDIA's vGPU manager) enables them until the next boot`;

/** Functions whose lists are all empty, though none of them has a type: the list of a full GPU is empty as well. */
function listProblem(host: HostFacts, gpu: Gpu): GpuProblem | undefined {
  if (frameworkOf(host, gpu) !== 'functions') return undefined;
  const isIdle = functionsOn(host, gpu).every((path) => {
    const [list, type] = ['creatable_vgpu_types', 'current_vgpu_type'].map(
      (name) => host.read(`${path}/nvidia/${name}`) ?? '',
    );
    return type?.trim() === '0' && !/\d/.test(list ?? '');
  });
  if (!isIdle) return undefined;
  return {
    noun: NOUN,
    says: 'its virtual functions offer no type, and none of them has one',
    next: '`nvidia-smi -q -d MIG` shows whether it is in MIG mode: then it needs GPU instances (`nvidia-smi mig -lgip` lists the profiles, `nvidia-smi mig -cgi PROFILE -C` makes one); else `systemctl status nvidia-vgpu-mgr` shows whether the vGPU manager runs',
  };
}

/** At most so many functions are named. */
const NAMED = 4;

/** Functions that NVIDIA's driver does not have, beside others that it has: as a VM with `managed='yes'` leaves them. */
function strayProblem(host: HostFacts, gpu: Gpu): GpuProblem | undefined {
  if (frameworkOf(host, gpu) !== 'functions') return undefined;
  const bound = functionsOn(host, gpu).map((path) => ({
    address: host.link(path) ?? '',
    driver: host.link(`${path}/driver`),
  }));
  const [first, ...more] = bound.filter(({ driver }) => driver !== 'nvidia');
  if (first === undefined) return undefined;
  const drivers = [...new Set([first, ...more].map(({ driver }) => driver ?? 'no driver'))];
  const shown = [first, ...more].slice(0, NAMED).map(({ address }) => address);
  const rest = more.length + 1 - shown.length;
  const names = `${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
  const [name, verb] =
    more.length === 0 ? ['virtual function', 'is'] : ['virtual functions', 'are'];
  const unbind =
    first.driver === undefined || !/^[\w-]+$/.test(first.driver)
      ? ''
      : `echo ${first.address} > /sys/bus/pci/drivers/${first.driver}/unbind; `;
  return {
    noun: NOUN,
    says: `its ${name} ${names} ${verb} bound to ${drivers.join(' and ')}, not to NVIDIA's driver, which gives them types`,
    next: `when no VM has it: \`${unbind}echo ${first.address} > /sys/bus/pci/drivers/nvidia/bind\` as root, or all at once while no function has a type: \`/usr/lib/nvidia/sriov-manage -d ${gpu.address}\`, then \`-e\`; a VM takes them with \`managed='no'\``,
  };
}

const UNITS = '/etc/systemd/system';

/** Functions are gone after a boot (all but MIG mode is): a unit has to enable them. Nothing is said where there is no systemd. */
function bootObstacle(host: HostFacts, gpus: readonly Gpu[]): readonly Obstacle[] {
  const on = gpus.filter((gpu) => functionsOn(host, gpu).length > 0);
  const [first] = on;
  if (first === undefined || !host.exists(UNITS) || enablesFunctions(host)) return [];
  const others = on.length === 1 ? '' : ` and ${on.length - 1} more`;
  return [
    {
      says: `${NOUN} ${first.address}${others}: no unit of systemd enables its virtual functions at the next boot`,
      next: '`systemctl enable nvidia-sriov-manage@ALL.service`, or a unit of your own that runs `sriov-manage -e ALL`',
    },
  ];
}

/** Whether a unit of the administrator runs the tool, or its own unit is enabled. */
function enablesFunctions(host: HostFacts): boolean {
  const isAbout = (folder: string, name: string): boolean =>
    /sriov-manage/.test(name) || /sriov-manage/.test(host.read(`${folder}/${name}`) ?? '');
  return host
    .names(UNITS)
    .some((name) =>
      /\.(?:wants|requires)$/.test(name)
        ? host.names(`${UNITS}/${name}`).some((unit) => isAbout(`${UNITS}/${name}`, unit))
        : name.endsWith('.service') && isAbout(UNITS, name),
    );
}
