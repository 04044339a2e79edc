import type { CardInfo } from '../engine/card-info.ts';
import { CardsAfter } from '../plan/cards-after.ts';
import type { Reservation } from './records.ts';

/**
 * The cards as they will be when all reservations are carried out: the inventory minus what is reserved and not yet there, by
 * the drivers' rules. Undefined: there is no room for what is reserved, since somebody else has taken it; then nothing more
 * may be reserved.
 */
export function roomLeft(
  cards: readonly CardInfo[],
  reservations: readonly Reservation[],
): readonly CardInfo[] | undefined {
  const there = new Set(cards.flatMap(({ card }) => card.devices.map(({ uuid }) => uuid)));
  const parents = new Map(
    cards.flatMap((info) => info.parents.map((parent) => [parent.name, { info, parent }] as const)),
  );
  const after = new CardsAfter(cards, new Set());
  for (const { uuid, parent: name, type: id } of reservations.flatMap(({ devices }) => devices)) {
    if (there.has(uuid)) continue;
    const found = parents.get(name);
    const type = found?.parent.types.find((each) => each.id === id);
    if (found === undefined || type === undefined) return undefined;
    if (after.take({ ...found, type }) !== undefined) return undefined;
  }
  return after.after;
}
