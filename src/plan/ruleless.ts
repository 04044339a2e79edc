import type { Driver } from '../drivers/driver.ts';
import type { CardInfo } from '../engine/types.ts';

/**
 * What can be counted on where a driver's rules are not known: what the kernel shows, and that every device more on
 * a parent costs each of its types at least nothing and its own type one.
 */
export function ruleless({ card, parents }: CardInfo): Pick<Driver, 'available' | 'share'> {
  const countOf = (devices: typeof card.devices, parent: string, type: string): number =>
    devices.filter((device) => device.parent === parent && device.type === type).length;
  return {
    available: ({ devices }, parent, { id }) => {
      const shown = parents
        .find(({ address }) => address === parent)
        ?.types.find((type) => type.id === id)?.availableInstances;
      const added = countOf(devices, parent, id) - countOf(card.devices, parent, id);
      return Math.max(0, (shown ?? 0) - added);
    },
    // Nothing is known, so nothing is proven: a card could hold any number.
    share: () => Number.MIN_VALUE,
  };
}
