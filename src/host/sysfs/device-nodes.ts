import type { HostDevice, NodeKind } from '../host.ts';
import type { Tree } from '../tree.ts';
import { DEV_VFIO } from './paths.ts';
import { iommuGroupOf, namesIfAny, order } from './values.ts';

/** The files that open a device, that of its IOMMU group first: `/dev/vfio/12`, `/dev/vfio/devices/vfio0`. */
export function deviceNodes(tree: Tree, device: HostDevice): readonly string[] {
  const group = groupNode(tree, device);
  const folder = `${device.path}/vfio-dev`;
  // Older kernels have none, and to be refused costs more than to look.
  const own = tree.kind(folder) === 'directory' ? namesIfAny(tree, folder).toSorted(order) : [];
  return [
    ...(group === undefined ? [] : [group]),
    ...own.map((name) => `${DEV_VFIO}/devices/${name}`),
  ].filter((node) => tree.kind(node) !== undefined);
}

/** That of its IOMMU group, whether it is there or not. */
export function groupNode(tree: Tree, { path }: HostDevice): string | undefined {
  const group = iommuGroupOf(tree, path);
  return group === undefined ? undefined : `${DEV_VFIO}/${group}`;
}

/** The kind of one of these files. */
export const nodeKind = (node: string): NodeKind =>
  node.startsWith(`${DEV_VFIO}/devices/`) ? 'own' : 'group';
