import type { Card, CardDevice, CardType } from '../../drivers/driver.ts';
import { isUuid } from '../sysfs/paths.ts';
import { linkName, readLine } from '../sysfs/values.ts';
import type { Tree } from '../tree.ts';
import type { HostProfile, ProfileCard, ProfileParent } from './profile.ts';

/** A parent with the card it is part of. */
export interface Place {
  readonly card: ProfileCard;
  readonly parent: ProfileParent;
}

/** The profile's parents by path. */
export function placesOf(profile: HostProfile): ReadonlyMap<string, Place> {
  const places = profile.cards.flatMap((card) =>
    card.parents.map((parent): [string, Place] => [parent.path, { card, parent }]),
  );
  return new Map(places);
}

/**
 * What a driver's rules look at: the card with the devices its parents have now. Whoever has a directory in its
 * parent is counted, also without a link on the bus.
 */
export function snapshotOf(
  tree: Tree,
  card: ProfileCard,
  holders: ReadonlyMap<string, string>,
): Card {
  return {
    parents: card.parents.map(({ address }) => address),
    types: card.types,
    settings: card.settings,
    devices: card.parents.flatMap((parent) => devicesOf(tree, parent, holders)),
  };
}

function devicesOf(
  tree: Tree,
  { address, path }: ProfileParent,
  holders: ReadonlyMap<string, string>,
): readonly CardDevice[] {
  return tree
    .names(path)
    .filter(isUuid)
    .flatMap((uuid) => {
      const type = linkName(tree, `${path}/${uuid}/mdev_type`);
      return type === undefined ? [] : [{ uuid, parent: address, type, holder: holders.get(uuid) }];
    });
}

/** Brings `available_instances` of all types of a card up to date; a file that says the right thing is not written. */
export function updateCounts(tree: Tree, card: ProfileCard): void {
  const snapshot = snapshotOf(tree, card, new Map());
  for (const { address, path } of card.parents) {
    for (const type of card.types) {
      const count = `${countOf(card, snapshot, address, type)}`;
      const file = `${path}/mdev_supported_types/${type.id}/available_instances`;
      if (readLine(tree, file) !== count) tree.replace(file, `${count}\n`);
    }
  }
}

function countOf(card: ProfileCard, snapshot: Card, address: string, type: CardType): number {
  return card.driver.available(snapshot, address, type);
}
