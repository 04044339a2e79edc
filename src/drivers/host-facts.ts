import { groupBy } from '../group-by.ts';

/**
 * The files of a host without mediated devices, for drivers. Paths are absolute below the host's root (`/sys/module/vfio`),
 * and links in them are followed. A file that cannot be read counts as absent.
 */
export interface HostFacts {
  exists(path: string): boolean;
  /** A file's content without its final newline. */
  read(path: string): string | undefined;
  /** The names in a directory, sorted; none if it does not exist. */
  names(path: string): readonly string[];
  /** The last component of a link's target; for `driver`, the driver's name. */
  link(path: string): string | undefined;
}

/** A reason why hardware has no mediated devices, in words. */
export interface Obstacle {
  /** A sentence without full stop. */
  readonly says: string;
  /** What to do about it. */
  readonly next: string;
}

/** A GPU: a PCI function of class 0x03, display controller. */
export interface Gpu {
  /** sysfs name: `0000:41:00.0`. */
  readonly address: string;
  /** Its directory. */
  readonly path: string;
  /** The driver it is bound to. */
  readonly driver: string | undefined;
}

const PCI_DEVICES = '/sys/bus/pci/devices';

/** The GPUs of a vendor, by its PCI id in the form of sysfs (`0x1af4`). */
export function gpusOf(host: HostFacts, vendor: string): readonly Gpu[] {
  return host.names(PCI_DEVICES).flatMap((address) => {
    const path = `${PCI_DEVICES}/${address}`;
    if (host.read(`${path}/vendor`) !== vendor) return [];
    if (host.read(`${path}/class`)?.startsWith('0x03') !== true) return [];
    return [{ address, path, driver: host.link(`${path}/driver`) }];
  });
}

/** Whether a device is registered as a parent in the mediated device core. */
export function isParent(host: HostFacts, address: string): boolean {
  return host.exists(`/sys/class/mdev_bus/${address}`);
}

/** An obstacle of a GPU: the words before its address, and the rest of the sentence. */
export interface GpuProblem extends Obstacle {
  /** `GPU of …`, before the address. */
  readonly noun: string;
  /** What to do for several GPUs; `next` when absent. */
  readonly nextOfSeveral?: string | undefined;
}

/** The obstacles of GPUs. The same obstacle of several GPUs becomes one: `GPU 0000:41:00.0 and 3 more: …`. */
export function gpuObstacles(
  gpus: readonly Gpu[],
  problemOf: (gpu: Gpu) => GpuProblem | undefined,
): readonly Obstacle[] {
  const found = gpus.flatMap((gpu) => {
    const problem = problemOf(gpu);
    return problem === undefined ? [] : [{ problem, address: gpu.address }];
  });
  return [...groupBy(found, ({ problem }) => `${problem.noun}: ${problem.says}`).values()].flatMap(
    ([first, ...more]) => {
      if (first === undefined) return [];
      const { noun, says, next, nextOfSeveral = next } = first.problem;
      const others = more.length === 0 ? '' : ` and ${more.length} more`;
      return [
        {
          says: `${noun} ${first.address}${others}: ${says}`,
          next: more.length === 0 ? next : nextOfSeveral,
        },
      ];
    },
  );
}
