import { nodeDeviceName } from '../nodedev/names.ts';
import { parsePciAddress } from './sysfs/pci-address.ts';

/**
 * The name of the nearest node device above a device, from its path: a PCI bridge, or the card of a crypto queue; of what is
 * not below one it is the host itself.
 */
export function nameAbove(path: string): string {
  for (const name of path.split('/').slice(0, -1).toReversed()) {
    if (parsePciAddress(name) !== undefined) return nodeDeviceName('pci', name);
    if (/^card[0-9a-f]{2}$/.test(name)) return nodeDeviceName('ap', name);
  }
  return 'computer';
}
