/** A program that holds a device open. */
export interface Holder {
  readonly pid?: number | undefined;
  readonly command?: string | undefined;
  /** Name of the domain, where it is known. */
  readonly domain?: string | undefined;
}

/**
 * Why no VM can open an active device. `no-driver`: it is bound to no VFIO driver; `no-group`: it has no IOMMU group, and no
 * file of its own; `no-node`: those have no file below `/dev/vfio`.
 */
export type OpenObstacle = 'no-driver' | 'no-group' | 'no-node';
