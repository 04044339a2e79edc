import { driverNamed } from '../../drivers/registry.ts';
import { baseName, directoryName, type Tree } from '../tree.ts';
import { parseChannelAddress } from './channel-address.ts';
import { parsePciAddress } from './pci-address.ts';
import { linkName } from './values.ts';

/**
 * The subsystem of a device, from its `subsystem` link. Trees made by hand often lack the link; then it follows from the
 * path, in the kernel's layout: `css0/0.0.0052`, `virtual/CLASS/NAME`,
 * or `DRIVER/NAME` (s390's matrix).
 */
export function subsystemOf(tree: Tree, path: string): string {
  const linked = linkName(tree, `${path}/subsystem`);
  if (linked !== undefined) return linked;
  const address = baseName(path);
  if (parsePciAddress(address) !== undefined) return 'pci';
  if (parseChannelAddress(address) !== undefined) return 'css';
  const folder = baseName(directoryName(path));
  return driverNamed(folder)?.subsystem ?? folder;
}
