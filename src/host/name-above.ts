import { nodeDeviceName } from '../nodedev/names.ts';
import { parsePciAddress } from './sysfs/pci-address.ts';
import { baseName } from './tree.ts';

/**
 * The name of the nearest node device above a device, from its path: a PCI bridge, or the card of a crypto queue; of what is
 * not below one it is the host itself.
 */
export function nameAbove(path: string): string {
  const above = pathsAbove(path).at(-1);
  return above === undefined ? 'computer' : nodeDeviceName(busOf(above) ?? '', baseName(above));
}

/** The paths of the node devices above a device, the outermost first. */
export function pathsAbove(path: string): readonly string[] {
  const names = path.split('/');
  return names
    .map((_, index) => names.slice(0, index).join('/'))
    .filter((above) => busOf(above) !== undefined);
}

/** The subsystem of a PCI device or a crypto card. */
function busOf(path: string): 'pci' | 'ap' | undefined {
  const name = baseName(path);
  if (parsePciAddress(name) !== undefined) return 'pci';
  return /^card[0-9a-f]{2}$/.test(name) ? 'ap' : undefined;
}
