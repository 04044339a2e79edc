import { typesMeant } from '../drivers/type-meant.ts';
import { formatCriteria } from '../drivers/type-criteria.ts';
import { parentUnknown, typeUnknown } from '../engine/wording/request-messages.ts';
import { describedType, type TypeRequest } from '../engine/devices/types-of-parent.ts';
import type { CardInfo, CardParent } from '../engine/types.ts';
import { typeNowhere } from './messages.ts';

/** A parent with the card it is part of. */
export interface Place {
  readonly info: CardInfo;
  readonly parent: CardParent;
}

/** Every parent of these cards. */
export function placesOf(cards: readonly CardInfo[]): readonly Place[] {
  return cards.flatMap((info) => info.parents.map((parent) => ({ info, parent })));
}

/** The parent of this name or address, or all of them. @throws NodedevError `parent-unknown` */
export function placesNamed(
  cards: readonly CardInfo[],
  name: string | undefined,
): readonly Place[] {
  const places = placesOf(cards);
  if (name === undefined) return places;
  const found = places.filter(({ parent }) => parent.name === name || parent.address === name);
  if (found.length > 0) return found;
  throw parentUnknown(
    name,
    places.map(({ parent }) => parent.name),
  );
}

/** Those that offer what is asked for. @throws NodedevError `type-unknown`, `criterion-invalid` */
export function placesOffering(places: readonly Place[], type: TypeRequest): readonly Place[] {
  const offering = places.filter(
    ({ parent }) => typesMeant(parent.types.map(describedType), type).length > 0,
  );
  if (offering.length > 0) return offering;
  const types = new Map(
    places.flatMap(({ parent }) => parent.types.map((each) => [each.id, describedType(each)])),
  );
  const [only, ...more] = places.map(({ parent }) => parent.name);
  if (only !== undefined && more.length === 0) {
    throw typeUnknown(only, typeText(type), [...types.values()]);
  }
  throw typeNowhere(typeText(type), [...types.values()]);
}

/** A request as a person would write it. */
export function typeText(type: TypeRequest): string {
  return typeof type === 'string' ? type : formatCriteria(type);
}
