import { explanation, partOf, shares, usedBy } from '../card.ts';
import type { Card, CardType, Driver } from '../driver.ts';
import { guestPciOf } from '../guest-pci.ts';
import { MTTY_IDS, mttyModel } from './model.ts';

const PORTS = 24;

/** `mtty-1` has one port, `mtty-2` two. */
const portsOf = (type: CardType): number => Number(/-(\d+)$/.exec(type.id)?.[1] ?? 0);

const available = (card: Card, _parent: string, type: CardType): number =>
  shares(PORTS, usedBy(card, portsOf), portsOf(type));

/**
 * The kernel's sample serial driver: 24 ports for all devices (MAX_MTTYS), ENOSPC when they do not suffice.
 * Kernel: samples/vfio-mdev/mtty.c. The guest sees PCI device 4348:3253, a 16550 serial controller.
 */
export const mtty: Driver = {
  name: 'mtty',
  mdevDriver: 'mtty',
  subsystem: 'mtty',
  loads: "the kernel's sample mtty",
  settings: [],
  available,
  refusal: (card, parent, type) => (available(card, parent, type) > 0 ? undefined : 'ENOSPC'),
  share: (_card, type) => partOf(PORTS, portsOf(type)),
  explain: (card, parent, type) =>
    explanation({
      available: available(card, parent, type),
      maximum: shares(PORTS, 0, portsOf(type)),
      rule: `All devices share ${PORTS} serial ports, of which ${type.id} takes ${portsOf(type)}; ${Math.max(0, PORTS - usedBy(card, portsOf))} are left.`,
      blockers: card.devices,
    }),
  attributes: () => [],
  deviceAttributes: (uuid) => [
    { name: 'vendor/sample_mdev_dev', value: `This is MDEV ${uuid}`, mode: 0o444 },
  ],
  hotplugRefusal: () => undefined,
  guestPci: () => guestPciOf(MTTY_IDS),
  model: (type) => {
    const ports = portsOf(type);
    return ports === 1 || ports === 2 ? (bus) => mttyModel(ports, bus) : undefined;
  },
};
