import type { Card, CardDevice, CardType, Driver } from '../drivers/driver.ts';
import type { CardInfo } from '../engine/types.ts';
import { Forecast } from './forecast.ts';

/** A type on a whole card. */
export interface TopologyType {
  readonly id: string;
  readonly name?: string | undefined;
  /** Active devices. */
  readonly used: number;
  /** How many more there can be, when no other type takes room. */
  readonly free: number;
  /** `upper-bound`: there may be fewer free, because the driver keeps a limit to itself. */
  readonly confidence: 'exact' | 'upper-bound';
  /** The most an empty card takes; undefined where the rules are not known. */
  readonly maximum?: number | undefined;
}

/** What a card has of each type and how full it is. */
export interface Room {
  readonly types: readonly TopologyType[];
  /** From 0 to 1; undefined where the rules are not known. */
  readonly load: number | undefined;
}

/** Of a whole card, whose parents share what it has: what they show one by one adds up to too much. */
export function roomOf(info: CardInfo): Room {
  const { card, parents } = info;
  const forecast = new Forecast(info);
  const { rules } = forecast;
  const used = new Map<string, number>();
  for (const { type } of card.devices) used.set(type, (used.get(type) ?? 0) + 1);
  const types = card.types
    .toSorted((one, other) => one.id.localeCompare(other.id, 'en', { numeric: true }))
    .map((type): TopologyType => {
      const shown = parents.map(
        (parent) => parent.types.find(({ id }) => id === type.id)?.availableInstances ?? 0,
      );
      const sum = shown.reduce((total, count) => total + count, 0);
      const offering = shown.filter((count) => count > 0).length;
      const isBound = parents.some(
        (parent) => forecast.outlook(parent, type).confidence === 'upper-bound',
      );
      const isOne = parents.length === 1;
      return {
        id: type.id,
        name: type.name,
        used: used.get(type.id) ?? 0,
        free: isOne || rules === undefined ? sum : fill(rules.driver, rules.card, type),
        confidence: isBound || (rules === undefined && offering > 1) ? 'upper-bound' : 'exact',
        maximum: rules && fill(rules.driver, { ...rules.card, devices: [] }, type),
      };
    });
  return { types, load: rules && loadOf(rules.driver, rules.card) };
}

/** How many more devices of one type a card takes when they are created one after the other. */
function fill(driver: Driver, card: Card, type: CardType): number {
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

function loadOf(driver: Driver, card: Card): number {
  const types = new Map(card.types.map((type) => [type.id, type]));
  const load = card.devices.reduce((sum, device) => {
    const type = types.get(device.type);
    return type === undefined ? sum : sum + driver.share(card, type);
  }, 0);
  return Math.min(1, load);
}
