import type { Card, Driver, DriverSetting } from '../drivers/driver.ts';
import { driverForType } from '../drivers/registry.ts';
import type { CardInfo } from '../engine/types.ts';
import type { HostType } from '../host/host.ts';

/** A driver's rules with a card whose settings make them say what the kernel shows. */
export interface Hypothesis {
  readonly driver: Driver;
  readonly card: Card;
}

/** More of them would not tell more. */
const ENOUGH = 32;

/**
 * Under which settings a card's rules say what its kernel shows now. A real card's settings cannot be read: its
 * driver's defaults are believed while they fit (so an empty NVIDIA GPU is taken to be in equal-size mode, which it is
 * unless somebody switched); otherwise every value that fits counts, and a prediction is exact only where they agree.
 * Empty: the driver's rules are not known, or do not describe this card.
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
    if (found.length === ENOUGH) break;
  }
  return found;
}

function fits({ driver, card }: Hypothesis, { parents }: CardInfo): boolean {
  return parents.every(({ address, types }) =>
    types.every((type) => driver.available(card, address, type) === type.availableInstances),
  );
}

type Settings = Readonly<Record<string, string>>;

/** Every combination of values worth trying; those that are written down stay. */
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

/** Words: all. Sizes: the default and powers of two. Counts: what is free and used now. */
function candidates({ words, default: usual }: DriverSetting, info: CardInfo): readonly string[] {
  if (words !== undefined) return words;
  const shown = info.parents.flatMap(({ types }) => types.map((type) => type.availableInstances));
  const total = Math.max(1, ...shown) + info.card.devices.length;
  const powers = Array.from({ length: 17 }, (_, exponent) => String(2 ** exponent));
  return [...new Set([usual, String(total), ...powers])];
}

/** The card without a device, with the counts its rules then give; as it was where it does not have it. */
export function withoutDevice(info: CardInfo, uuid: string): CardInfo {
  return withoutDevices(info, new Set([uuid]));
}

/**
 * The card without these devices, with the counts its rules then give; as it was where it has none of them. Without
 * rules, each gives back one of its own type.
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
