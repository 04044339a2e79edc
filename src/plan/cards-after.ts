import type { Location, NodedevError } from '../errors.ts';
import type { CardInfo, CardParent } from '../engine/card-info.ts';
import { groupBy } from '../group-by.ts';
import { withoutDevices } from '../engine/devices/card-changes.ts';
import { Forecast } from '../engine/devices/forecast.ts';
import type { ParentsPrediction } from './plan.ts';
import { noRoom } from './predict.ts';
import type { Target } from './draft.ts';

/** The cards of a host as they will be when some devices are gone and others have come. The host is not changed. */
export class CardsAfter {
  readonly #cards: readonly CardInfo[];
  /** Forecasts of the cards on which a device comes or goes. */
  readonly #forecasts = new Map<CardInfo, Forecast>();

  /** @param gone uuids of the devices that go */
  constructor(cards: readonly CardInfo[], gone: ReadonlySet<string>) {
    this.#cards = cards;
    if (gone.size === 0) return;
    for (const info of cards) {
      const after = withoutDevices(info, gone);
      if (after !== info) this.#forecasts.set(info, new Forecast(after, true));
    }
  }

  /** Adds a device. Returns an error when there is no room for it. */
  take({ info, parent, type }: Target, location?: Location): NodedevError | undefined {
    const forecast = this.#forecasts.get(info) ?? new Forecast(info);
    this.#forecasts.set(info, forecast);
    if (forecast.available(parent, type) === 0) {
      return noRoom(forecast, parent, type.id, location);
    }
    forecast.create(parent, type);
    return undefined;
  }

  /** The cards as they will be. */
  get after(): readonly CardInfo[] {
    return this.#cards.map((info) => this.#forecasts.get(info)?.after ?? info);
  }

  /**
   * The counts of all types and parents of the cards on which a device comes or goes.
   *
   * @param now what the host shows: a card that is first set up may show nothing
   */
  predictions(now: readonly CardInfo[]): readonly ParentsPrediction[] {
    const shown = new Map(
      now.flatMap(({ parents }) => parents.map((each) => [each.address, each])),
    );
    return this.#cards.flatMap((info) => {
      const forecast = this.#forecasts.get(info);
      return forecast === undefined ? [] : predictionsOf(info, forecast, shown);
    });
  }
}

function predictionsOf(
  info: CardInfo,
  forecast: Forecast,
  now: ReadonlyMap<string, CardParent>,
): readonly ParentsPrediction[] {
  const counts = new Map(
    info.parents.map(({ address, types }) => {
      const offered = new Map(
        now.get(address)?.types.map(({ id, availableInstances }) => [id, availableInstances]),
      );
      return [address, types.map(({ id }) => offered.get(id) ?? 0)];
    }),
  );
  const shown = ({ address }: CardParent): readonly number[] => counts.get(address) ?? [];
  return [...forecast.alike()]
    .flatMap((parents) => [...groupBy(parents, (parent) => shown(parent).join('/')).values()])
    .map((parents) => ({
      parents: parents.map(({ name }) => name),
      types: parents.slice(0, 1).flatMap((parent) =>
        parent.types.map((type, index) => ({
          type: type.id,
          name: type.name,
          before: shown(parent)[index] ?? 0,
          ...forecast.outlook(parent, type),
        })),
      ),
    }));
}
