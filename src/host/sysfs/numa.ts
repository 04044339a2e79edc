import type { NumaNode } from '../host.ts';
import type { Tree } from '../tree.ts';
import { readNumberSet } from './number-set.ts';
import { namesIfAny, readIfAny } from './values.ts';

/** Documentation/ABI/stable/sysfs-devices-node */
export const NUMA_NODES = '/sys/devices/system/node';

/** The host's NUMA nodes, by number. Empty on a host that shows none. */
export function readNumaNodes(tree: Tree): readonly NumaNode[] {
  return namesIfAny(tree, NUMA_NODES)
    .flatMap((name) => {
      const [, id] = /^node(\d{1,5})$/.exec(name) ?? [];
      const cpus = readNumberSet(readIfAny(tree, `${NUMA_NODES}/${name}/cpulist`) ?? '');
      return id === undefined || cpus === undefined ? [] : [{ id: Number(id), cpus }];
    })
    .toSorted((one, other) => one.id - other.id);
}
