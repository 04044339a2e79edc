import { cardTitle, type Inventory, type InventoryCard, othersComment } from './inventory.ts';

/**
 * The `PCI` attribute of a VM template for each type of each card. OpenNebula finds the functions by its probe, sets the type
 * itself, and calls a profile `ID (NAME)` (its guide to hosts, page vgpu).
 */
export function opennebulaExport(inventory: Inventory): string {
  const lines = [...inventory.cards.flatMap(attributes), ...othersComment(inventory, 'OpenNebula')];
  return lines.length === 0
    ? '# This host has no parents on the PCI bus.\n'
    : `${lines.join('\n')}\n`;
}

function attributes(card: InventoryCard): readonly string[] {
  const [{ vendor, device, class: code }] = card.places;
  const ids = `VENDOR = "${vendor}", DEVICE = "${device}", CLASS = "${code}"`;
  const title = `# ${cardTitle(card)}`;
  if (!card.isFunctions) {
    return [
      title,
      '# Mediated devices: the guide shows no profile of such a host. `onehost show` prints them in PROFILES, to be written as PROFILE.',
      `PCI = [ ${ids} ]`,
    ];
  }
  const used = card.devices.map(({ address }) => address);
  return [
    title,
    ...(used.length === 0 ? [] : [`# Not for OpenNebula, they have devices: ${used.join(', ')}`]),
    ...card.types.map(({ id, name }) => {
      const number = id.slice(id.lastIndexOf('-') + 1);
      return `PCI = [ ${ids}, PROFILE = "${number} (${name})" ]`;
    }),
  ];
}
