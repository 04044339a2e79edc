import type { Card, Driver, DriverSetting } from '../drivers/driver.ts';
import { driverForType } from '../drivers/registry.ts';
import type { CardInfo } from '../engine/types.ts';
import type { HostType } from '../host/host.ts';

/** A driver and a card with settings for which the driver's rules give the counts that the kernel shows. */
export interface Hypothesis {
  readonly driver: Driver;
  readonly card: Card;
}

/** After so many hypotheses the search ends. */
const MOST_HYPOTHESES = 32;

/**
 * The settings under which a card's rules give the counts that the kernel shows now. The settings of a real card cannot
 * be read. Its driver's defaults are assumed while they fit: an empty GPU is assumed to be in the mode that is the
 * driver's default. When the defaults do not fit, all values that fit are returned, and a prediction is exact only
 * where they agree. Empty: the driver's rules are not known, or do not describe this card.
 */
export function hypotheses(info: CardInfo): readonly Hypothesis[] {
  const driver = driverForType(info.card.types[0]?.id ?? '');
  if (driver === undefined) return [];
  const first = { driver, card: info.card };
  if (fits(first, info)) return [first];
  const found: Hypothesis[] = [];
  for (const settings of combinations(driver.settings, info)) {
    const hypothesis = { driver, card: { ...info.card, settings } };
    if (fits(hypothesis, info)) found.push(hypothesis);
    if (found.length === MOST_HYPOTHESES) break;
  }
  return found;
}

function fits({ driver, card }: Hypothesis, { parents }: CardInfo): boolean {
  return parents.every(({ address, types }) =>
    types.every((type) => driver.available(card, address, type) === type.availableInstances),
  );
}

type Settings = Readonly<Record<string, string>>;

/** All combinations of values to try. A value that the card's settings have is kept. */
function combinations(settings: readonly DriverSetting[], info: CardInfo): readonly Settings[] {
  return settings.reduce<readonly Settings[]>(
    (all, setting) => {
      const given = info.card.settings[setting.name];
      const values = given === undefined ? candidates(setting, info) : [given];
      return all.flatMap((each) => values.map((value) => ({ ...each, [setting.name]: value })));
    },
    [{}],
  );
}

/** All words of a setting that has words. For numbers: the default, the sum of used and free instances, powers of two. */
function candidates({ words, default: usual }: DriverSetting, info: CardInfo): readonly string[] {
  if (words !== undefined) return words;
  const shown = info.parents.flatMap(({ types }) => types.map((type) => type.availableInstances));
  const total = Math.max(1, ...shown) + info.card.devices.length;
  const powers = Array.from({ length: 17 }, (_, exponent) => String(2 ** exponent));
  return [...new Set([usual, String(total), ...powers])];
}

/**
 * The card without these devices, with the counts that its rules give then. When it has none of them, `info` itself is
 * returned. Where no rules are known, each device gives back one instance of its own type.
 */
export function withoutDevices(info: CardInfo, uuids: ReadonlySet<string>): CardInfo {
  const devices = info.card.devices.filter(({ uuid }) => !uuids.has(uuid));
  if (devices.length === info.card.devices.length) return info;
  const card = { ...info.card, devices };
  const [rules] = hypotheses(info);
  if (rules === undefined) {
    const gone = info.card.devices.filter(({ uuid }) => uuids.has(uuid));
    return withCounts({ ...info, card }, (parent, type) => {
      const given = gone.filter((each) => each.parent === parent && each.type === type.id);
      return type.availableInstances + given.length;
    });
  }
  const after = { ...rules.card, devices };
  return withCounts({ ...info, card: { ...card, settings: rules.card.settings } }, (parent, type) =>
    rules.driver.available(after, parent, type),
  );
}

/** The card with other counts. */
export function withCounts(
  { card, parents }: CardInfo,
  count: (parent: string, type: HostType) => number,
): CardInfo {
  return {
    card,
    parents: parents.map((parent) => ({
      ...parent,
      types: parent.types.map((type) => ({
        ...type,
        availableInstances: count(parent.address, type),
      })),
    })),
  };
}
