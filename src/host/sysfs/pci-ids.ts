import type { Tree } from '../tree.ts';
import { readIfAny } from './values.ts';

/** Where distributions install the PCI ID database (pci-utils; hwdata). */
export const PCI_IDS = ['/usr/share/hwdata/pci.ids', '/usr/share/misc/pci.ids'] as const;

/** The names of a vendor and its product in the PCI ID database. */
export interface PciNames {
  readonly vendor?: string | undefined;
  readonly product?: string | undefined;
}

/** The text of the PCI ID database; empty when none is installed. It has over a megabyte, so it should be read once. */
export function readPciIds(tree: Tree): string {
  for (const path of PCI_IDS) {
    const text = readIfAny(tree, path);
    if (text !== undefined) return `\n${text}`;
  }
  return '';
}

/**
 * Looks up ids as sysfs writes them (`0x10de`, `0x13f2`). A vendor's line is `10de  NAME`, its products follow,
 * indented by one tab; see the head of pci.ids.
 */
export function pciNames(database: string, vendor: string, product: string): PciNames {
  const start = database.indexOf(`\n${bare(vendor)}  `);
  if (start < 0) return {};
  const end = database.slice(start + 1).search(/\n[^\t#\n]/);
  const section = end < 0 ? database.slice(start) : database.slice(start, start + 1 + end);
  return {
    vendor: textAfter(section, `\n${bare(vendor)}  `),
    product: textAfter(section, `\n\t${bare(product)}  `),
  };
}

function bare(id: string): string {
  return id.replace(/^0x/, '').toLowerCase();
}

function textAfter(section: string, key: string): string | undefined {
  const start = section.indexOf(key);
  if (start < 0) return undefined;
  const end = section.indexOf('\n', start + 1);
  const line = end < 0 ? section.slice(start) : section.slice(start, end);
  return line.slice(key.length).trim();
}
