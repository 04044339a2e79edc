import { type Counter, COUNTERS, generic } from '../../drivers/generic/driver.ts';
import { type ShownCard, type ShownParent, hypotheses } from '../../drivers/hypotheses.ts';
import type { Card, CardType } from '../../drivers/driver.ts';
import { settingsOf } from '../../drivers/settings.ts';
import { driverForType } from '../../drivers/registry.ts';
import { groupBy } from '../../group-by.ts';
import type { SimulatedCard } from '../simulated/profile.ts';

/** A card for a profile, and what is not known of it, as sentences. */
export interface InferredCard extends Pick<SimulatedCard, 'driver' | 'settings' | 'types'> {
  /** sysfs names. */
  readonly parents: readonly string[];
  readonly caveats: readonly string[];
}

/**
 * The cards that show what the kernel shows of one: usually one, with the driver and the settings of the first hypothesis
 * that fits. Where none fits, or the vendor is unknown, it has the driver `generic` with the counts themselves.
 *
 * @param seesDevices false: there may be devices that nothing tells of, so that the counts may be those of a used card
 */
export function inferCards(shown: ShownCard, seesDevices = true): readonly InferredCard[] {
  const alike = groupBy(shown.parents, ({ types }) =>
    JSON.stringify(types.map((type) => ({ ...withoutCount(type), files: undefined }))),
  );
  if (alike.size === 1) {
    const files = new Set(shown.parents.map(({ types }) => JSON.stringify(types.map(filesOf))));
    const [first] = shown.card.parents;
    const caveat = `${first}: other parents of its card have other values in the files of their types`;
    return inferCard(shown, seesDevices).map((card) =>
      files.size === 1 ? card : adding(card, caveat),
    );
  }
  return [...alike.values()].flatMap((parents) => {
    const caveat = `${parents.map(({ address }) => address).join(', ')}: has other types than the rest of its card, so it is a card of its own`;
    return inferCard(withParents(shown, parents), seesDevices).map((card) => adding(card, caveat));
  });
}

function inferCard(shown: ShownCard, seesDevices: boolean): readonly InferredCard[] {
  const [rules, ...others] = hypotheses(shown);
  const [first] = shown.card.types;
  const where = shown.parents.map(({ address }) => address)[0] ?? '';
  const used = rules === undefined && !seesDevices ? usedCard(shown) : undefined;
  if (used !== undefined) {
    const { parents } = shown.card;
    const caveat = `${where}: shows fewer than an empty card of driver ${used.name} has, as if devices took room; the profile has the empty card`;
    const types = shown.card.types.map(withoutCount);
    return [{ driver: used, settings: {}, types, parents, caveats: [caveat] }];
  }
  if (rules === undefined) {
    const vendor = driverForType(first?.id ?? '')?.name;
    const why =
      vendor === undefined
        ? 'the rules of its driver are not known'
        : `no settings of driver ${vendor} explain its counts`;
    const cards = byCounts(shown);
    // A simulated card of an unknown vendor says itself how many there are.
    return isCounted(shown.card)
      ? cards
      : cards.map((card) =>
          adding(card, `${where}: ${why}; the profile has the counts that the kernel shows`),
        );
  }
  const { driver } = rules;
  const settings = { ...shown.card.settings, ...unusual(driver, rules.card.settings) };
  const [other] = others;
  return [
    {
      driver,
      settings,
      types: shown.card.types.map(withoutCount),
      parents: shown.card.parents,
      caveats:
        other === undefined
          ? []
          : [
              `${where}: ${others.length + 1} combinations of settings explain its counts. Assumed: ${textOf(settings)}; another: ${textOf(unusual(driver, other.card.settings))}`,
            ],
    },
  ];
}

/** The driver of a card that shows at most what an empty one of its driver has. */
function usedCard({ card, parents }: ShownCard): SimulatedCard['driver'] | undefined {
  const driver = driverForType(card.types[0]?.id ?? '');
  const isAtMost = parents.every(({ address, types }) =>
    types.every(
      (type) =>
        driver?.offers?.(card, type) !== false &&
        type.availableInstances <= (driver?.available(card, address, type) ?? 0),
    ),
  );
  return isAtMost ? driver : undefined;
}

const adding = (card: InferredCard, caveat: string): InferredCard => ({
  ...card,
  caveats: [...card.caveats, caveat],
});

/** The settings that differ from the driver's defaults. */
function unusual(
  driver: SimulatedCard['driver'],
  settings: SimulatedCard['settings'],
): SimulatedCard['settings'] {
  const usual = new Map(settingsOf(driver).map((setting) => [setting.name, setting.default]));
  return Object.fromEntries(
    Object.entries(settings).filter(([name, value]) => usual.get(name) !== value),
  );
}

const textOf = (settings: SimulatedCard['settings']): string =>
  Object.entries(settings)
    .map((pair) => pair.join('='))
    .join(' ') || 'the defaults';

function withParents(shown: ShownCard, parents: readonly ShownParent[]): ShownCard {
  const addresses = new Set(parents.map(({ address }) => address));
  const card = {
    ...shown.card,
    parents: [...addresses],
    types: parents[0]?.types ?? [],
    devices: shown.card.devices.filter(({ parent }) => addresses.has(parent)),
  };
  return { card, parents };
}

const filesOf = ({ files = [] }: CardType): CardType['files'] => files;

function withoutCount({
  id,
  name,
  deviceApi,
  description,
  files,
  instances,
  attributes,
}: CardType): CardType {
  return { id, name, deviceApi, description, files, instances, attributes };
}

/** Cards of driver `generic` that show the counts of one: one card when a counter explains them, else one for each parent. */
function byCounts(shown: ShownCard): readonly InferredCard[] {
  const { card } = shown;
  if (isCounted(card)) {
    const { settings, types, parents } = card;
    return [{ driver: generic, settings, types: types.map(withoutCount), parents, caveats: [] }];
  }
  for (const [counter, { isIn }] of Object.entries(COUNTERS)) {
    const types = card.types.map((type) => counted(shown, isIn, type));
    const settings = unusual(generic, { ...card.settings, counter });
    if (showsCounts(shown, { ...card, types, settings })) {
      const caveats = card.devices.length > 0 ? [] : [UNSEEN];
      return [{ driver: generic, settings, types, parents: card.parents, caveats }];
    }
  }
  return shown.parents.map((parent): InferredCard => {
    const alone = withParents(shown, [parent]);
    return {
      driver: generic,
      settings: { counter: 'type' },
      types: alone.card.types.map((type) => counted(alone, isSame, type)),
      parents: [parent.address],
      caveats: [
        `${parent.address}: what its types share cannot be told from the counts; each has a counter of its own`,
      ],
    };
  });
}

const UNSEEN =
  'Which devices share room does not show on an empty card: those of one parent are assumed to.';

const isCounted = ({ types }: Card): boolean =>
  types.every(({ instances }) => instances !== undefined);

/** For a parent alone: its devices of one type. */
const isSame: Counter['isIn'] = (device, _, type) => device.type === type;

/** A type with as many instances as are there and free, by this counter. */
function counted({ card, parents }: ShownCard, isIn: Counter['isIn'], type: CardType): CardType {
  const counts = parents.map(({ address, types }) => {
    const free = types.find(({ id }) => id === type.id)?.availableInstances ?? 0;
    return free + card.devices.filter((device) => isIn(device, address, type.id)).length;
  });
  return { ...withoutCount(type), instances: Math.max(0, ...counts) };
}

function showsCounts({ parents }: ShownCard, card: Card): boolean {
  const types = new Map(card.types.map((type) => [type.id, type]));
  return parents.every((parent) =>
    parent.types.every(({ id, availableInstances }) => {
      const type = types.get(id);
      return (
        type !== undefined && generic.available(card, parent.address, type) === availableInstances
      );
    }),
  );
}
