import type { Driver } from '../drivers/driver.ts';
import { boundedBy } from '../drivers/room-on-card.ts';
import type { CardInfo } from '../engine/card-info.ts';

/**
 * A driver for cards whose rules are not known. It assumes the counts that the kernel shows, and that each further device
 * takes one instance of its own type on its parent and none of the other types, within what its driver says in any case.
 */
export function ruleless({ card, parents }: CardInfo): Pick<Driver, 'available' | 'share'> {
  const countOf = (devices: typeof card.devices, parent: string, type: string): number =>
    devices.filter((device) => device.parent === parent && device.type === type).length;
  return {
    available: ({ devices }, parent, type) => {
      const { id } = type;
      const shown = parents
        .find(({ address }) => address === parent)
        ?.types.find((other) => other.id === id)?.availableInstances;
      const added = countOf(devices, parent, id) - countOf(card.devices, parent, id);
      return boundedBy({ ...card, devices }, type, Math.max(0, (shown ?? 0) - added));
    },
    // The size is not known: a card might hold any number, so the lower bound must not count on it.
    share: () => Number.MIN_VALUE,
  };
}
