import type { Card, CardDevice, CardType, Driver } from '../drivers/driver.ts';
import type { TypeRequest } from '../engine/devices/types-of-parent.ts';
import { resolveType } from '../engine/devices/types-of-parent.ts';
import type { CardInfo } from '../engine/types.ts';
import { mdevName } from '../nodedev/names.ts';
import { Forecast } from './forecast.ts';
import { unknownRules } from './messages.ts';
import { parentsNamed, parentsOffering } from './parents.ts';

/** Why a type has a certain number of available instances on a parent. */
export interface TypeExplanation {
  /** Node device name. */
  readonly parent: string;
  /** The type's id. */
  readonly type: string;
  readonly name?: string | undefined;
  /** What the kernel shows. */
  readonly available: number;
  /** How many instances an empty card has; undefined where the driver's rules are not known. */
  readonly maximum?: number | undefined;
  readonly confidence: 'exact' | 'upper-bound';
  /** The rule that decides, in one sentence. */
  readonly rule: string;
  /** The devices that take the room: without them there would be more instances. */
  readonly blockedBy: readonly Blocker[];
  /**
   * The fewest of them that must be destroyed for one more instance; devices in use are avoided. Empty: destroying
   * devices would not help.
   */
  readonly freedBy: readonly Blocker[];
}

export interface Blocker {
  /** Node device name. */
  readonly name: string;
  readonly uuid: string;
  /** The type's id. */
  readonly type: string;
  /** The domain that holds it open. */
  readonly holder?: string | undefined;
}

/**
 * Why a type has the available instances it has, on one parent or on all that offer it.
 *
 * @throws NodedevError `parent-unknown`, `type-unknown`, `type-ambiguous`, `criterion-invalid`
 */
export function explain(
  cards: readonly CardInfo[],
  type: TypeRequest,
  parent?: string,
): readonly TypeExplanation[] {
  return parentsOffering(parentsNamed(cards, parent), type).map((offering) => {
    const found = resolveType(offering.parent.name, offering.parent.types, type);
    const { rules } = new Forecast(offering.info);
    const facts = {
      parent: offering.parent.name,
      type: found.id,
      name: found.name,
      available: found.availableInstances,
    };
    if (rules === undefined) {
      const rule = unknownRules(found.availableInstances);
      return { ...facts, confidence: 'exact', rule, blockedBy: [], freedBy: [] };
    }
    const { driver, card } = rules;
    const { address } = offering.parent;
    const { maximum, confidence, rule, blockedBy } = driver.explain(card, address, found);
    const blockers = card.devices.filter(({ uuid }) => blockedBy.includes(uuid));
    return {
      ...facts,
      maximum,
      confidence,
      rule,
      blockedBy: blockers.map(blocker),
      freedBy: fewest(driver, card, address, found, blockers).map(blocker),
    };
  });
}

/**
 * The fewest devices that must go to make room. All blockers are removed, then each is put back if the room stays:
 * first the devices in use, then those that take least. Where a single quantity decides, the result is minimal.
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

/** How many devices of this one's type an empty card takes. A larger number means a smaller device. */
function capacity(driver: Driver, card: Card, device: CardDevice): number {
  const type = card.types.find(({ id }) => id === device.type);
  return type === undefined ? 0 : driver.available({ ...card, devices: [] }, device.parent, type);
}

function blocker({ uuid, parent, type, holder }: CardDevice): Blocker {
  return { name: mdevName(uuid, parent), uuid, type, holder };
}
