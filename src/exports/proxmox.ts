import { cardTitle, type Inventory, type InventoryCard, othersComment } from './inventory.ts';

/**
 * Commands that make a mapping for each card in Proxmox VE (pvesh, /cluster/mapping/pci), and the line of a VM for each type. The functions
 * of a mapping are alternatives: Proxmox takes a free one and sets its type, so that those with a device are left out. They are
 * to run on the host: its own files say the subsystem ids, without which a mapping is incomplete.
 */
export function proxmoxExport(inventory: Inventory): string {
  const lines = [...inventory.cards.flatMap(mapping), ...othersComment(inventory, 'Proxmox')];
  return lines.length === 0
    ? '# This host has no parents on the PCI bus.\n'
    : ['#!/bin/sh', 'set -e', ...SUBSYSTEM, ...lines, ''].join('\n');
}

const SUBSYSTEM: readonly string[] = [
  'subsystem() { cd /sys/bus/pci/devices/$1; echo $(cut -c3- subsystem_vendor):$(cut -c3- subsystem_device); }',
];

function mapping(card: InventoryCard): readonly string[] {
  const used = new Set(card.isFunctions ? card.devices.map(({ address }) => address) : []);
  const free = card.places.filter(({ address }) => !used.has(address));
  const [first] = card.places;
  const name = `vgpu-${first.address.replaceAll(/[:.]/gu, '-')}`;
  const title = `# ${cardTitle(card)}`;
  if (free.length === 0) return [title, '# all of its functions have devices of this host'];
  const maps = free.map(({ address, vendor, device, iommuGroup }) => {
    const group = iommuGroup === undefined ? '' : `,iommugroup=${iommuGroup}`;
    return `  --map node=$(hostname),path=${address},id=${vendor}:${device},subsystem-id=$(subsystem ${address})${group}`;
  });
  return [
    title,
    ...(used.size === 0 ? [] : [`# left out, they have devices: ${[...used].join(', ')}`]),
    `pvesh create /cluster/mapping/pci --id ${name} --mdev 1 \\`,
    maps.join(' \\\n'),
    '# in the configuration of a VM, one of:',
    ...card.types.map(
      ({ id, shortName }) => `# hostpci0: mapping=${name},mdev=${id}  # ${shortName}`,
    ),
  ];
}
