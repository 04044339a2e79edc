import type { CardInfo } from '../card-info.ts';
import { withoutDevices } from './card-changes.ts';
import { Forecast } from './forecast.ts';

/** A device that is to be created. */
export interface Arrival {
  readonly uuid: string;
  /** sysfs name of the parent. */
  readonly parent: string;
  /** The type's id. */
  readonly type: string;
}

/**
 * Which of these devices find no room when they are created one after the other, by the drivers' rules. A device whose
 * parent or type is not there is left out: that is another problem.
 *
 * @param isEmpty whether the cards are empty before, as at boot
 */
export function lackingRoom<T extends Arrival>(
  cards: readonly CardInfo[],
  arrivals: readonly T[],
  isEmpty = false,
): readonly T[] {
  const forecasts = new Map<CardInfo, Forecast>();
  const byParent = new Map(
    cards.flatMap((info) =>
      info.parents.map((parent) => [parent.address, { info, parent }] as const),
    ),
  );
  return arrivals.filter((arrival) => {
    const { info, parent } = byParent.get(arrival.parent) ?? {};
    const type = parent?.types.find(({ id }) => id === arrival.type);
    if (info === undefined || parent === undefined || type === undefined) return false;
    const forecast = forecasts.get(info) ?? forecastOf(info, isEmpty);
    forecasts.set(info, forecast);
    if (forecast.available(parent, type) === 0) return true;
    forecast.create(parent, type);
    return false;
  });
}

function forecastOf(info: CardInfo, isEmpty: boolean): Forecast {
  if (!isEmpty || info.card.devices.length === 0) return new Forecast(info);
  return new Forecast(
    withoutDevices(info, new Set(info.card.devices.map(({ uuid }) => uuid))),
    true,
  );
}
