import type { Card, CardDevice, CardType, Driver } from './driver.ts';
import { driverForType } from './registry.ts';

/** How many more devices of one type a card takes when they are created one after the other. */
export function roomOnCard(driver: Driver, card: Card, type: CardType): number {
  const [only, ...others] = card.parents;
  if (only !== undefined && others.length === 0) return driver.available(card, only, type);
  const devices: CardDevice[] = [...card.devices];
  for (const parent of card.parents) {
    const room = driver.available({ ...card, devices: [...devices] }, parent, type);
    for (let number = 0; number < room; number++) {
      devices.push({ uuid: `counted-${devices.length}`, parent, type: type.id });
    }
  }
  return devices.length - card.devices.length;
}

/** At most so many of `count` that the kernel shows, where no rules explain the card: {@link Driver.most}. */
export const boundedBy = (card: Card, type: CardType, count: number): number =>
  Math.min(count, driverForType(type.id)?.most?.(card, type) ?? count);
