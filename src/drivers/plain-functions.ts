import type { NamedValue } from '../nodedev/device.ts';
import type { HostFacts } from './host-facts.ts';

/**
 * What the virtual functions of an SR-IOV driver are, by the driver of the physical function. They have no types: a VM is given one as
 * it is, and its share is set for the whole device. (Linux drivers/gpu/drm/xe with `sriov_admin` since 6.19, intel/i915 with SR-IOV
 * out of tree, AMD's GIM, mlx5 and QAT with their VFIO drivers)
 */
const KINDS: Readonly<Record<string, string | undefined>> = {
  xe: 'Intel GPU',
  i915: 'Intel GPU; all functions have the same share',
  gim: 'AMD GPU; all functions have the same share',
  mlx5_core: 'mlx5 adapter',
  '4xxx': 'QAT accelerator',
  '420xx': 'QAT accelerator',
  c6xx: 'QAT accelerator',
};

/** What a function without types is; undefined: a driver that is not known here. */
export const plainFunctionKind = (driver: string | undefined): string | undefined =>
  KINDS[driver ?? ''];

/**
 * A function's share of its GPU as Intel's xe tells it: quantum, timeout and priority of execution, since Linux 7.0 also its memory in
 * bytes (`vram_quota`). Functions are counted from 1 there (Linux Documentation/ABI/testing/sysfs-driver-intel-xe-sriov).
 *
 * @param physical the physical function's directory
 * @param address the virtual function's sysfs name
 */
export function shareOf(
  facts: HostFacts,
  physical: string,
  address: string,
): readonly NamedValue[] {
  const link = facts
    .names(physical)
    .find((name) => /^virtfn\d{1,4}$/.test(name) && facts.link(`${physical}/${name}`) === address);
  if (link === undefined) return [];
  const folder = `${physical}/sriov_admin/vf${Number(link.slice('virtfn'.length)) + 1}/profile`;
  return facts.names(folder).flatMap((name) => {
    const said = facts.read(`${folder}/${name}`);
    // A choice shows all words, the one that is set in brackets.
    const value = said === undefined ? undefined : (/\[([^\]]*)\]/.exec(said)?.[1] ?? said);
    return value === undefined ? [] : [{ name, value }];
  });
}
