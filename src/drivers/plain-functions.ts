/**
 * What the virtual functions of an SR-IOV driver are, by the driver of the physical function. They have no types: a VM is given one as
 * it is, and its share is set for the whole device. (Linux drivers/gpu/drm/xe with `sriov_admin` since 6.19, intel/i915 with SR-IOV
 * out of tree, AMD's GIM, mlx5 and QAT with their VFIO drivers)
 */
const KINDS: Readonly<Record<string, string | undefined>> = {
  xe: 'Intel GPU; its share is in sriov_admin of the GPU (Linux 6.19)',
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
