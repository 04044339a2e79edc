import type { Card, CardDevice, CardType, Driver } from './driver.ts';

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
