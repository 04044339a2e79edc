import type { NodeDevice } from '../../nodedev/device.ts';
import { order } from '../sysfs/values.ts';

/**
 * A PCI ID database with the vendors and products of these devices, in the format of pci.ids. A real host has their names
 * from such a file.
 */
export function formatPciIds(devices: readonly NodeDevice[]): string {
  const vendors = new Map<string, { name: string; products: Map<string, string> }>();
  for (const { vendor, product } of devices.flatMap((device) =>
    device.capabilities.filter(isPci),
  )) {
    if (vendor?.id === undefined || vendor.text === undefined) continue;
    const id = bare(vendor.id);
    const entry = vendors.get(id) ?? { name: vendor.text, products: new Map() };
    if (product?.id !== undefined && product.text !== undefined) {
      entry.products.set(bare(product.id), product.text);
    }
    vendors.set(id, entry);
  }
  const lines = sorted(vendors).flatMap(([id, { name, products }]) => {
    const indented = sorted(products).map(([product, text]) => `\t${product}  ${text}`);
    return [`${id}  ${name}`].concat(indented);
  });
  return ['# Names of the devices of this simulated host.', ...lines, ''].join('\n');
}

function isPci<T extends { readonly kind: string }>(
  capability: T,
): capability is Extract<T, { readonly kind: 'pci' }> {
  return capability.kind === 'pci';
}

function bare(id: string): string {
  return id.replace(/^0x/, '').toLowerCase();
}

function sorted<T>(map: ReadonlyMap<string, T>): readonly (readonly [string, T])[] {
  return [...map].toSorted(([a], [b]) => order(a, b));
}
