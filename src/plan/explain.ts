import type { CardDevice } from '../drivers/driver.ts';
import { explainType, roomMakers } from '../drivers/explain-type.ts';
import { hypotheses } from '../drivers/hypotheses.ts';
import { requiresGroup } from '../drivers/settings.ts';
import type { TypeRequest } from '../engine/devices/types-of-parent.ts';
import { resolveType } from '../engine/devices/types-of-parent.ts';
import type { CardInfo } from '../engine/card-info.ts';
import { mdevName } from '../nodedev/names.ts';
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
  /** Whether its card takes several devices of one VM in one group only. */
  readonly requiresGroup: boolean;
  /** The devices that take the room: without them there would be more instances. */
  readonly blockedBy: readonly Blocker[];
  /**
   * The smallest sets of them, each of which makes room for one more instance when it is destroyed, at most 8; devices in
   * use are avoided. Empty: destroying devices would not help.
   */
  readonly freedBy: readonly (readonly Blocker[])[];
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
    const [rules] = hypotheses(offering.info);
    const { address, name } = offering.parent;
    const available = found.availableInstances;
    const reason = explainType(offering.info, rules, address, found, available);
    const sets = rules === undefined ? [] : roomMakers(rules, address, found, reason.blockedBy);
    return {
      parent: name,
      type: found.id,
      name: found.name,
      available,
      ...reason,
      requiresGroup: requiresGroup(offering.info.card, found),
      blockedBy: reason.blockedBy.map(blocker),
      freedBy: sets.map((set) => set.map(blocker)),
    };
  });
}

function blocker({ uuid, parent, type, holder }: CardDevice): Blocker {
  return { name: mdevName(uuid, parent), uuid, type, holder };
}
