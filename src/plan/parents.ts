import { matchingTypes } from '../drivers/matching-types.ts';
import { parentUnknown, typeUnknown } from '../engine/wording/request-messages.ts';
import { describedType, type TypeRequest, typeText } from '../engine/devices/types-of-parent.ts';
import type { CardInfo, CardParent } from '../engine/card-info.ts';
import { addressOf, nodeDeviceName } from '../nodedev/names.ts';
import { typeNowhere } from './messages.ts';

/** A parent with the card it is part of. */
export interface ParentOnCard {
  readonly info: CardInfo;
  readonly parent: CardParent;
}

/** All parents of these cards. */
export function parentsOf(cards: readonly CardInfo[]): readonly ParentOnCard[] {
  return cards.flatMap((info) => info.parents.map((parent) => ({ info, parent })));
}

/** Of these parents, the functions of a physical one that take types. */
export function functionsOnCards(
  parents: readonly ParentOnCard[],
  address: string,
): readonly ParentOnCard[] {
  return parents.filter(
    ({ info, parent }) => info.card.isFunctions === true && parent.physicalFunction === address,
  );
}

/** The parent of this name or address, the functions of a GPU, or all of them. @throws NodedevError `parent-unknown` */
export function parentsNamed(
  cards: readonly CardInfo[],
  name: string | undefined,
): readonly ParentOnCard[] {
  const parents = parentsOf(cards);
  if (name === undefined) return parents;
  const address = addressOf(name);
  const own = parents.filter(({ parent }) => parent.name === name || parent.address === address);
  const found = own.length > 0 ? own : functionsOnCards(parents, address);
  if (found.length > 0) return found;
  throw parentUnknown(
    name,
    parents.map(({ parent }) => parent.name),
  );
}

/** The parents that offer a type that meets the request. @throws NodedevError `type-unknown`, `criterion-invalid` */
export function parentsOffering(
  parents: readonly ParentOnCard[],
  type: TypeRequest,
): readonly ParentOnCard[] {
  const offering = parents.filter(
    ({ parent }) => matchingTypes(parent.types.map(describedType), type).length > 0,
  );
  if (offering.length > 0) return offering;
  const types = new Map(
    parents.flatMap(({ parent }) => parent.types.map((each) => [each.id, describedType(each)])),
  );
  const [only, ...more] = parents.map(({ parent }) => parent.name);
  if (only !== undefined && more.length === 0) {
    throw typeUnknown(only, typeText(type), [...types.values()]);
  }
  throw typeNowhere(typeText(type), [...types.values()]);
}

/** What a user may name: a GPU in place of its functions that take a type, else the parent. */
export const nameToGive = ({ parent, info }: ParentOnCard): string =>
  info.card.isFunctions === true && parent.physicalFunction !== undefined
    ? nodeDeviceName('pci', parent.physicalFunction)
    : parent.name;
