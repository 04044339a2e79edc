import { devicesByParent, explanation, shares } from './card.ts';
import type { Card, CardDevice, Driver } from './driver.ts';

/**
 * The rules of a driver that leaves counting to the mediated device core (`max_instances`): one counter per parent,
 * shared by all its types, refusing at 0 with EUSERS. Kernel 6.1 and later, drivers/vfio/mdev/mdev_core.c.
 *
 * @param limit the driver's `max_instances` for a card
 * @param sentence the reason for this number
 */
export function coreCounter(
  limit: (card: Card) => number,
  sentence: (limit: number) => string,
): Pick<Driver, 'countedByCore' | 'available' | 'refusal' | 'share' | 'explain'> {
  const available = (card: Card, parent: string) =>
    shares(limit(card), devicesOn(card, parent).length, 1);
  return {
    countedByCore: true,
    available,
    refusal: (card, parent) => (available(card, parent) > 0 ? undefined : 'EUSERS'),
    share: (card) => 1 / (limit(card) * card.parents.length),
    explain: (card, parent) =>
      explanation({
        available: available(card, parent),
        maximum: limit(card),
        rule: sentence(limit(card)),
        blockers: devicesOn(card, parent),
      }),
  };
}

function devicesOn(card: Card, parent: string): readonly CardDevice[] {
  return devicesByParent(card.devices).get(parent) ?? [];
}
