import type { Card, CardDevice, CardType, Driver } from '../drivers/driver.ts';
import type { TypeRequest } from '../engine/devices/types-of-parent.ts';
import { resolveType } from '../engine/devices/types-of-parent.ts';
import type { CardInfo } from '../engine/types.ts';
import { mdevName } from '../nodedev/names.ts';
import { Forecast } from './forecast.ts';
import { unknownRules } from './messages.ts';
import { placesNamed, placesOffering } from './places.ts';

/** Why a type has the instances it has on one parent. */
export interface TypeExplanation {
  /** Node device name. */
  readonly parent: string;
  /** Id. */
  readonly type: string;
  readonly name?: string | undefined;
  /** What the kernel shows. */
  readonly available: number;
  /** The most an empty card gives; undefined where the rules are not known. */
  readonly maximum?: number | undefined;
  readonly confidence: 'exact' | 'upper-bound';
  /** One sentence: the rule that decides. */
  readonly rule: string;
  /** The devices in the way: with all of them gone there are more. */
  readonly blockedBy: readonly Blocker[];
  /** The fewest of them that must go for one instance more, those in use last; empty where none would help. */
  readonly freedBy: readonly Blocker[];
}

export interface Blocker {
  /** Node device name. */
  readonly name: string;
  readonly uuid: string;
  /** Id. */
  readonly type: string;
  /** The domain that holds it open. */
  readonly holder?: string | undefined;
}

/**
 * Why a type has what it has, on one parent or on all that offer it.
 *
 * @throws NodedevError `parent-unknown`, `type-unknown`, `type-ambiguous`, `criterion-invalid`
 */
export function explain(
  cards: readonly CardInfo[],
  type: TypeRequest,
  parent?: string,
): readonly TypeExplanation[] {
  return placesOffering(placesNamed(cards, parent), type).map((place) => {
    const found = resolveType(place.parent.name, place.parent.types, type);
    const { rules } = new Forecast(place.info);
    const told = {
      parent: place.parent.name,
      type: found.id,
      name: found.name,
      available: found.availableInstances,
    };
    if (rules === undefined) {
      const rule = unknownRules(found.availableInstances);
      return { ...told, confidence: 'exact', rule, blockedBy: [], freedBy: [] };
    }
    const { driver, card } = rules;
    const { address } = place.parent;
    const { maximum, confidence, rule, blockedBy } = driver.explain(card, address, found);
    const blockers = card.devices.filter(({ uuid }) => blockedBy.includes(uuid));
    return {
      ...told,
      maximum,
      confidence,
      rule,
      blockedBy: blockers.map(blocker),
      freedBy: fewest(driver, card, address, found, blockers).map(blocker),
    };
  });
}

/**
 * The fewest devices that make room: all that are in the way go, then come back as long as the room stays; those in
 * use first, then those that take least. Where one quantity decides, what stays away is the least number possible.
 */
function fewest(
  driver: Driver,
  card: Card,
  parent: string,
  type: CardType,
  blockers: readonly CardDevice[],
): readonly CardDevice[] {
  const wanted = driver.available(card, parent, type) + 1;
  const helps = (gone: readonly CardDevice[]): boolean => {
    const devices = card.devices.filter((device) => !gone.includes(device));
    return driver.available({ ...card, devices }, parent, type) >= wanted;
  };
  if (!helps(blockers)) return [];
  const size = (device: CardDevice): number => -capacity(driver, card, device);
  return blockers
    .toSorted(
      (a, b) =>
        Number(b.holder !== undefined) - Number(a.holder !== undefined) || size(a) - size(b),
    )
    .reduce<readonly CardDevice[]>((gone, device) => {
      const without = gone.filter((other) => other !== device);
      return helps(without) ? without : gone;
    }, blockers);
}

/** How many of a device's type an empty card takes: the more, the smaller it is. */
function capacity(driver: Driver, card: Card, device: CardDevice): number {
  const type = card.types.find(({ id }) => id === device.type);
  return type === undefined ? 0 : driver.available({ ...card, devices: [] }, device.parent, type);
}

function blocker({ uuid, parent, type, holder }: CardDevice): Blocker {
  return { name: mdevName(uuid, parent), uuid, type, holder };
}
