import { explanation, partOf, shares, usedBy } from '../card.ts';
import { memoryKib } from '../description.ts';
import type { Card, CardType, Driver, DriverSetting } from '../driver.ts';
import { guestPciOf } from '../guest-pci.ts';
import { once } from '../once.ts';
import { numberSetting } from '../settings.ts';
import { MBOCHS_IDS, MBOCHS_MEGABYTES, mbochsModel } from './model.ts';

const COUNT: DriverSetting = { name: 'count', default: '256' };

/** `virtual display, 16 MB video memory` → `16 MB`. */
const memoryText = (type: CardType): string =>
  /(\d{1,9} MB) video memory/.exec(type.description ?? '')?.[1] ?? '';

const megabytesOf = once((type: CardType) => (memoryKib(memoryText(type)) ?? 0) / 1024);

const available = (card: Card, _parent: string, type: CardType): number =>
  shares(numberSetting(card, COUNT), usedBy(card, megabytesOf), megabytesOf(type));

/**
 * The kernel's sample of the Bochs display: `count` MB of video memory (the module's parameter) for all devices,
 * ENOSPC when it does not suffice. Kernel: samples/vfio-mdev/mbochs.c. The guest sees PCI device 1234:1111, QEMU's
 * standard display.
 */
export const mbochs: Driver = {
  name: 'mbochs',
  mdevDriver: 'mbochs',
  subsystem: 'mbochs',
  settings: [COUNT],
  displaysByDmabuf: true,
  facts: [
    {
      key: 'videoMemory',
      name: 'video-memory',
      attribute: 'video_memory',
      kind: 'memory',
      summary: "video memory (the kernel's mbochs)",
    },
  ],
  available,
  refusal: (card, parent, type) => (available(card, parent, type) > 0 ? undefined : 'ENOSPC'),
  share: (card, type) => partOf(numberSetting(card, COUNT), megabytesOf(type)),
  explain: (card, parent, type) => {
    const total = numberSetting(card, COUNT);
    const left = Math.max(0, total - usedBy(card, megabytesOf));
    return explanation({
      available: available(card, parent, type),
      maximum: shares(total, 0, megabytesOf(type)),
      rule: `All devices share ${total} MB of video memory (module parameter count), of which ${type.id} takes ${megabytesOf(type)} MB; ${left} MB are left.`,
      blockers: card.devices,
    });
  },
  attributes: (type) => {
    const kib = memoryKib(memoryText(type));
    return kib === undefined ? [] : [{ name: 'video_memory', value: String(kib) }];
  },
  deviceAttributes: (_uuid, type) => [
    { name: 'vendor/memory', value: memoryText(type), mode: 0o444 },
  ],
  hotplugRefusal: () => undefined,
  guestPci: () => guestPciOf(MBOCHS_IDS),
  model: (type) => {
    const megabytes = megabytesOf(type);
    // The size of a BAR is a power of two.
    return Number.isInteger(Math.log2(megabytes)) && megabytes <= MBOCHS_MEGABYTES
      ? (bus) => mbochsModel(megabytes, bus)
      : undefined;
  },
};
