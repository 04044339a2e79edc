import type { Card, CardDevice, CardType, Driver, DriverSetting } from './driver.ts';
import { once } from './once.ts';
import { driverForType } from './registry.ts';

/** A card as the kernel shows it. */
export interface ShownCard {
  readonly card: Card;
  readonly parents: readonly ShownParent[];
}

export interface ShownParent {
  /** sysfs name. */
  readonly address: string;
  readonly types: readonly ShownType[];
}

export interface ShownType extends CardType {
  readonly availableInstances: number;
}

/** A driver and a card with settings for which the driver's rules give what the kernel shows. */
export interface Hypothesis {
  readonly driver: Driver;
  readonly card: Card;
}

/** After so many hypotheses the search ends. */
const MOST_HYPOTHESES = 32;

/**
 * The settings under which a card's rules give the counts that the kernel shows now, and allow the devices that are
 * there. The settings of a real card cannot be read. Its driver's defaults are assumed while they fit: an empty GPU is
 * assumed to be in the mode that is the driver's default. When they do not, all values that fit are returned, the
 * nearest to the defaults first, and a prediction is exact only where they agree. Empty: the driver's rules are not
 * known, or do not describe this card.
 *
 * A function without a type may refuse all types for reasons of its own. When only such functions are in the way of the
 * rules, they are left out of the hypothesis' `parents`.
 */
export const hypotheses = once((shown: ShownCard): readonly Hypothesis[] => {
  const found = fitting(shown);
  const open = found.length > 0 ? shown : withoutClosed(shown);
  return open === shown ? found : fitting(open);
});

/** The card without the functions that have no type and offer none, if others without a type offer some. */
function withoutClosed(shown: ShownCard): ShownCard {
  const { card, parents } = shown;
  if (card.isFunctions !== true) return shown;
  const taken = new Set(card.devices.map(({ parent }) => parent));
  const offers = ({ types }: ShownParent) => types.some((type) => type.availableInstances > 0);
  const open = parents.filter((parent) => taken.has(parent.address) || offers(parent));
  if (open.length === parents.length || !open.some(offers)) return shown;
  return { card: { ...card, parents: open.map(({ address }) => address) }, parents: open };
}

function fitting(shown: ShownCard): readonly Hypothesis[] {
  const driver = driverForType(shown.card.types[0]?.id ?? '');
  if (driver === undefined) return [];
  const found: Hypothesis[] = [];
  for (const { settings, distance } of combinations(driver.settings, shown)) {
    const hypothesis = { driver, card: { ...shown.card, settings } };
    if (!fits(hypothesis, shown)) continue;
    found.push(hypothesis);
    if (distance.changed === 0 || found.length === MOST_HYPOTHESES) break;
  }
  return found;
}

function fits(hypothesis: Hypothesis, { parents }: ShownCard): boolean {
  const { driver, card } = hypothesis;
  return (
    parents.every(({ address, types }) =>
      types.every(
        (type) =>
          driver.available(card, address, type) === type.availableInstances &&
          driver.offers?.(card, type) !== false,
      ),
    ) && isPossible(hypothesis)
  );
}

/**
 * Whether the card's devices can exist by the rules: each could be created beside the others. It is asked once for each
 * type of each parent, since devices of one type are alike.
 */
function isPossible({ driver, card }: Hypothesis): boolean {
  const types = new Map(card.types.map((type) => [type.id, type]));
  const samples = new Map<string, CardDevice>();
  for (const device of card.devices) samples.set(`${device.parent}/${device.type}`, device);
  return [...samples.values()].every((sample) => {
    const type = types.get(sample.type);
    const devices = card.devices.filter((device) => device !== sample);
    return type === undefined || driver.available({ ...card, devices }, sample.parent, type) > 0;
  });
}

interface Combination {
  readonly settings: Readonly<Record<string, string>>;
  readonly distance: Distance;
}

/** How far settings are from the defaults: first by how many of them differ, then by how much. */
interface Distance {
  readonly changed: number;
  readonly steps: number;
}

/** All combinations of values to try, the nearest to the defaults first. A value that the card's settings have is kept. */
function combinations(
  settings: readonly DriverSetting[],
  shown: ShownCard,
): readonly Combination[] {
  const start: Combination = { settings: {}, distance: { changed: 0, steps: 0 } };
  return settings
    .reduce<readonly Combination[]>(
      (all, setting) => {
        const given = shown.card.settings[setting.name];
        const values = given === undefined ? candidates(setting, shown) : [given];
        const steps = values.map((value) => (value === given ? 0 : stepsFrom(setting, value)));
        return all.flatMap((each) =>
          values.map((value, index) => ({
            settings: { ...each.settings, [setting.name]: value },
            distance: farther(each.distance, steps[index] ?? 0),
          })),
        );
      },
      [start],
    )
    .toSorted(
      ({ distance: one }, { distance: other }) =>
        one.changed - other.changed || one.steps - other.steps,
    );
}

const farther = ({ changed, steps }: Distance, more: number): Distance => ({
  changed: changed + (more === 0 ? 0 : 1),
  steps: steps + more,
});

/** 0 for the default; between words one step, between numbers as often as one is doubled to become the other. */
function stepsFrom({ words, default: usual }: DriverSetting, value: string): number {
  if (value === usual) return 0;
  return words === undefined ? Math.abs(Math.log2(Number(value) / Number(usual))) : 1;
}

/** All words of a setting that has words. For numbers: the default, the sum of used and free instances, powers of two. */
function candidates(
  { words, text, default: usual }: DriverSetting,
  shown: ShownCard,
): readonly string[] {
  if (words !== undefined) return words;
  if (text !== undefined) return [usual];
  const counts = shown.parents.flatMap(({ types }) => types.map((type) => type.availableInstances));
  const total = Math.max(1, ...counts) + shown.card.devices.length;
  const powers = Array.from({ length: 17 }, (_, exponent) => String(2 ** exponent));
  return [...new Set([usual, String(total), ...powers])];
}
