import type { Diagnosis, Obstacle, ObstacleKind } from '../diagnosis.ts';
import { followLinks } from '../follow-links.ts';
import { HostError } from '../host.ts';
import type { Tree } from '../tree.ts';
import { parseChannelAddress } from './channel-address.ts';
import { MDEV_BUS, MDEV_DEVICES } from './paths.ts';
import { linkName, namesIfAny, order, readIfAny } from './values.ts';

const PCI_DEVICES = '/sys/bus/pci/devices';
const CCW_DRIVER = '/sys/bus/css/drivers/vfio_ccw';
const NVIDIA = '0x10de';
const INTEL = '0x8086';

/** A GPU: a PCI function of class 0x03, display controller. */
interface Gpu {
  readonly address: string;
  readonly path: string;
  readonly vendor: string;
  readonly driver: string | undefined;
}

type Reason = Pick<Obstacle, 'kind' | 'driver'>;

/** Looks for the hardware that could have mediated devices, and for what is missing. */
export function diagnose(tree: Tree): Diagnosis {
  const found = new Map<string, Reason & { readonly devices: string[] }>();
  for (const gpu of gpusOf(tree)) {
    const reason = gpu.vendor === NVIDIA ? ofNvidia(tree, gpu) : ofIntel(tree, gpu);
    if (reason === undefined) continue;
    const key = `${reason.kind} ${reason.driver ?? ''}`;
    const same = found.get(key);
    if (same === undefined) found.set(key, { ...reason, devices: [gpu.address] });
    else same.devices.push(gpu.address);
  }
  return {
    sysfs: ['/sys/bus', '/sys/class', '/sys/devices'].some((path) => isThere(tree, path)),
    core: isThere(tree, MDEV_DEVICES) || isThere(tree, MDEV_BUS),
    obstacles: [
      ...[...found.values()].toSorted((a, b) => Number(isIntel(a)) - Number(isIntel(b))),
      ...ofS390(tree).map((kind) => ({ kind, devices: [] })),
    ],
  };
}

const isIntel = ({ kind }: Reason): boolean => kind.startsWith('intel');

const isThere = (tree: Tree, path: string): boolean => tree.kind(path) !== undefined;

function gpusOf(tree: Tree): readonly Gpu[] {
  return namesIfAny(tree, PCI_DEVICES)
    .toSorted(order)
    .flatMap((address) => {
      try {
        return gpuAt(tree, address) ?? [];
      } catch (error) {
        // A device that goes while we look is none of the reasons.
        if (error instanceof HostError) return [];
        throw error;
      }
    });
}

function gpuAt(tree: Tree, address: string): Gpu | undefined {
  const path = followLinks(tree, `${PCI_DEVICES}/${address}`);
  if (path === undefined || readIfAny(tree, `${path}/class`)?.startsWith('0x03') !== true) {
    return undefined;
  }
  const vendor = readIfAny(tree, `${path}/vendor`);
  if (vendor !== NVIDIA && vendor !== INTEL) return undefined;
  return { address, path, vendor, driver: linkName(tree, `${path}/driver`) };
}

/**
 * NVIDIA: vGPU needs the vGPU manager's driver, and on GPUs since Ampere its virtual functions. Since vGPU 17, on Ada
 * and later or Linux 6.8 and later, a function takes its type through `nvidia/current_vgpu_type` and there are no
 * mediated devices (https://docs.nvidia.com/vgpu/17.0/grid-vgpu-user-guide/, https://github.com/kubevirt/kubevirt/issues/17642).
 */
function ofNvidia(tree: Tree, { address, path, driver }: Gpu): Reason | undefined {
  if (hasVariant(tree, path)) return { kind: 'nvidia-vfio-variant' };
  const isFunction = isThere(tree, `${path}/physfn`);
  if (isFunction || isParent(tree, address) || functionsOffer(tree, path)) return undefined;
  if (driver !== 'nvidia') return { kind: 'nvidia-driver', driver };
  const total = Number(readIfAny(tree, `${path}/sriov_totalvfs`) ?? 0);
  if (total > 0 && Number(readIfAny(tree, `${path}/sriov_numvfs`)) === 0) {
    return { kind: 'nvidia-functions-off' };
  }
  const isManaged = isThere(tree, '/sys/module/nvidia_vgpu_vfio');
  return { kind: isManaged ? 'nvidia-silent' : 'nvidia-manager' };
}

/** Whether the virtual functions of a GPU offer what the GPU itself does not. */
function functionsOffer(tree: Tree, path: string): boolean {
  return namesIfAny(tree, path)
    .filter((name) => /^virtfn\d+$/.test(name))
    .some((name) => {
      const target = followLinks(tree, `${path}/${name}`);
      return (
        target !== undefined &&
        (hasVariant(tree, target) || isParent(tree, linkName(tree, `${path}/${name}`) ?? ''))
      );
    });
}

const hasVariant = (tree: Tree, path: string): boolean =>
  isThere(tree, `${path}/nvidia/current_vgpu_type`);

const isParent = (tree: Tree, address: string): boolean => isThere(tree, `${MDEV_BUS}/${address}`);

/** Intel GVT-g: i915's parameter `enable_gvt` and the module kvmgt (https://github.com/intel/gvt-linux/issues/32). */
function ofIntel(tree: Tree, { address, driver }: Gpu): Reason | undefined {
  if (driver !== 'i915' || isParent(tree, address)) return undefined;
  if (readIfAny(tree, '/sys/module/i915/parameters/enable_gvt') === 'N') {
    return { kind: 'intel-gvt-off' };
  }
  return { kind: isThere(tree, '/sys/module/kvmgt') ? 'intel-silent' : 'intel-kvmgt' };
}

/** s390 (Documentation/arch/s390/vfio-ap.rst and vfio-ccw.rst): the drivers make the parents. */
function ofS390(tree: Tree): readonly ObstacleKind[] {
  const kinds: ObstacleKind[] = [];
  if (isThere(tree, '/sys/bus/ap') && !isThere(tree, '/sys/devices/vfio_ap/matrix')) {
    kinds.push('ap-driver');
  }
  if (!isThere(tree, '/sys/bus/css')) return kinds;
  if (!isThere(tree, CCW_DRIVER)) return [...kinds, 'ccw-driver'];
  const bound = namesIfAny(tree, CCW_DRIVER).some(
    (name) => parseChannelAddress(name) !== undefined,
  );
  return bound ? kinds : [...kinds, 'ccw-unbound'];
}
