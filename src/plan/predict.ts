import { explainType } from '../drivers/explain-type.ts';
import { noInstances } from '../engine/wording/request-messages.ts';
import { resolveType, typeText } from '../engine/devices/types-of-parent.ts';
import type { CardInfo, CardParent } from '../engine/card-info.ts';
import type { Location, NodedevError } from '../errors.ts';
import { mdevName } from '../nodedev/names.ts';
import type { Creation } from './creation.ts';
import { Forecast, type Outlook } from '../engine/devices/forecast.ts';
import { parentNeeded } from './messages.ts';
import {
  nameToGive,
  type ParentOnCard,
  parentsNamed,
  parentsOf,
  parentsOffering,
} from './parents.ts';

/** The predicted count of one type on one parent. */
export interface Prediction extends Outlook {
  /** Node device name. */
  readonly parent: string;
  /** The type's id. */
  readonly type: string;
  readonly name?: string | undefined;
  /** The count that the kernel shows now. */
  readonly before: number;
}

/**
 * The available instances of every type on every parent after these creations, by the drivers' rules. The creations are
 * made one after the other, in their order.
 *
 * @throws NodedevError `parent-unknown`, `parent-missing` (several parents offer the type), `type-unknown`,
 *   `type-ambiguous`, `criterion-invalid`, `no-instances` (they do not fit)
 */
export function predict(
  cards: readonly CardInfo[],
  creations: readonly Creation[],
): readonly Prediction[] {
  const forecasts = new Map(cards.map((info) => [info, new Forecast(info)]));
  for (const creation of creations) {
    const [{ info, parent: first }, ...others] = parentsFor(cards, creation);
    const forecast = forecasts.get(info) ?? new Forecast(info);
    for (let created = 0; created < (creation.count ?? 1); created++) {
      const free = others.find(({ parent }) => {
        const type = resolveType(parent.name, parent.types, creation.type);
        return forecast.available(parent, type) > 0;
      });
      const type = resolveType(first.name, first.types, creation.type);
      const parent = forecast.available(first, type) > 0 ? first : free?.parent;
      if (parent === undefined) throw noRoom(forecast, first, type.id);
      forecast.create(parent, resolveType(parent.name, parent.types, creation.type));
    }
  }
  return parentsOf(cards).flatMap(({ info, parent }) => {
    const forecast = forecasts.get(info) ?? new Forecast(info);
    return parent.types.map((type) => ({
      parent: parent.name,
      type: type.id,
      name: type.name,
      before: type.availableInstances,
      ...forecast.outlook(parent, type),
    }));
  });
}

/** The parent, or the functions of a GPU: a device goes to the first that is free. */
function parentsFor(
  cards: readonly CardInfo[],
  { type, parent }: Creation,
): readonly [ParentOnCard, ...ParentOnCard[]] {
  const offering = parentsOffering(parentsNamed(cards, parent), type);
  const names = new Set(offering.map(nameToGive));
  const [only, ...more] = offering;
  if (only !== undefined && names.size === 1) return [only, ...more];
  throw parentNeeded(typeText(type), [...names]);
}

/** The error that there is no room for a device of a type on a parent, with the reason. */
export function noRoom(
  forecast: Forecast,
  parent: CardParent,
  typeId: string,
  location?: Location,
): NodedevError {
  const type = parent.types.find(({ id }) => id === typeId);
  if (type === undefined) return noInstances(parent.name, typeId, [], undefined, location);
  const { rule, blockedBy } = explainType(forecast.info, forecast.rules, parent.address, type, 0);
  const there = new Set(forecast.info.card.devices.map(({ uuid }) => uuid));
  const users = blockedBy
    .filter(({ uuid }) => there.has(uuid))
    .map((device) => mdevName(device.uuid, device.parent));
  return noInstances(parent.name, typeId, users, rule, location);
}
