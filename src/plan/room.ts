import type { Card, CardType, Driver } from '../drivers/driver.ts';
import type { Hypothesis } from '../drivers/hypotheses.ts';
import { compareIds } from '../drivers/type-order.ts';
import { boundedBy, roomOnCard } from '../drivers/room-on-card.ts';
import type { CardInfo } from '../engine/card-info.ts';
import { Forecast } from '../engine/devices/forecast.ts';

/** The counts of a type on a whole card. */
export interface TopologyType {
  readonly id: string;
  readonly name?: string | undefined;
  /** The number of active devices. */
  readonly used: number;
  /** How many more devices there can be, when no device of another type is added. */
  readonly free: number;
  /** `upper-bound`: fewer may be free, because the driver does not show a limit of it. */
  readonly confidence: 'exact' | 'upper-bound';
  /** How many devices an empty card takes; undefined where no rules are known. */
  readonly maximum?: number | undefined;
}

/** The counts of each type on a card, and how full the card is. */
export interface Room {
  readonly types: readonly TopologyType[];
  /** From 0 to 1; undefined where the rules are not known. */
  readonly load: number | undefined;
}

/** The room of a whole card. Parents share the card, so the sum of the counts they show would be too large. */
export function roomOf(info: CardInfo): Room {
  const { card, parents } = info;
  const forecast = new Forecast(info);
  const { rules } = forecast;
  const used = new Map<string, number>();
  for (const { type } of card.devices) used.set(type, (used.get(type) ?? 0) + 1);
  const types = card.types
    .toSorted((one, other) => compareIds(one.id, other.id))
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
      const free = isOne ? sum : freeOn(info, rules, type, sum);
      return {
        id: type.id,
        name: type.name,
        used: used.get(type.id) ?? 0,
        free,
        confidence:
          isBound || (rules === undefined && offering > 1 && free > 0) ? 'upper-bound' : 'exact',
        maximum: rules && roomOnCard(rules.driver, { ...rules.card, devices: [] }, type),
      };
    });
  return { types, load: rules && loadOf(rules.driver, rules.card) };
}

const freeOn = (
  { card }: CardInfo,
  rules: Hypothesis | undefined,
  type: CardType,
  shown: number,
): number =>
  rules === undefined ? boundedBy(card, type, shown) : roomOnCard(rules.driver, rules.card, type);

function loadOf(driver: Driver, card: Card): number {
  const types = new Map(card.types.map((type) => [type.id, type]));
  const load = card.devices.reduce((sum, device) => {
    const type = types.get(device.type);
    return type === undefined ? sum : sum + driver.share(card, type);
  }, 0);
  return Math.min(1, load);
}
