/** A program that holds a device open. */
export interface Holder {
  readonly pid?: number | undefined;
  readonly command?: string | undefined;
  /** Name of the domain, where it is known. */
  readonly domain?: string | undefined;
}

/** A device's socket for VMs, and the process that serves it. */
export interface AttachedSocket {
  readonly pid: number;
  readonly socket: string;
}

/**
 * Why no VM can open an active device. `no-driver`: it is bound to no VFIO driver; `no-group`: it has no IOMMU group, and no
 * file of its own; `no-node`: those have no file below `/dev/vfio`; `node-mode`: that file's mode keeps its own owner out;
 * `node-owner`: it belongs to others than the user of QEMU, and libvirt is told not to change that.
 */
export type OpenObstacle = 'no-driver' | 'no-group' | 'no-node' | 'node-mode' | 'node-owner';
