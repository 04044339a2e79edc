import type { Card, CardType } from '../../drivers/driver.ts';
import type { MemoryTree } from '../memory-tree.ts';
import { snapshotOf } from '../sysfs/card.ts';
import { readLine } from '../sysfs/values.ts';
import { ComputedFile, type Tree } from '../tree.ts';
import type { SimulatedCard, SimulatedHardware, SimulatedParent } from './profile.ts';

/** A parent with the card it is part of. */
export interface ParentWithCard {
  readonly card: SimulatedCard;
  readonly parent: SimulatedParent;
}

/** The parents by path. */
export function parentsByPath(hardware: SimulatedHardware): ReadonlyMap<string, ParentWithCard> {
  const entries = hardware.cards.flatMap((card) =>
    card.parents.map((parent): [string, ParentWithCard] => [parent.path, { card, parent }]),
  );
  return new Map(entries);
}

/** Updates `available_instances` of all types of a card. Only files with another value are written. */
export function updateCounts(tree: Tree, card: SimulatedCard): void {
  const snapshot = snapshotOf(tree, card, () => undefined);
  for (const { address, path } of card.parents) {
    for (const type of card.types) {
      const count = `${countOf(card, snapshot, address, type)}`;
      const file = `${path}/mdev_supported_types/${type.id}/available_instances`;
      if (readLine(tree, file) !== count) tree.replace(file, `${count}\n`);
    }
  }
}

/** As {@link updateCounts}, when the card before the change is known: nothing is read, and only changed files are written. */
export function updateChangedCounts(
  tree: Tree,
  card: SimulatedCard,
  before: Card,
  after: Card,
): void {
  for (const { address, path } of card.parents) {
    for (const type of card.types) {
      const count = countOf(card, after, address, type);
      if (count === countOf(card, before, address, type)) continue;
      tree.replace(`${path}/mdev_supported_types/${type.id}/available_instances`, `${count}\n`);
    }
  }
}

/** Makes the files `available_instances` computed ones: in memory their value is computed when they are read, as in sysfs. */
export function computeCounts(
  tree: MemoryTree,
  { cards }: SimulatedHardware,
  occupied: (card: SimulatedCard) => Card,
): void {
  for (const card of cards) {
    for (const { address, path } of card.parents) {
      for (const type of card.types) {
        const count = () => countOf(card, occupied(card), address, type);
        const file = `${path}/mdev_supported_types/${type.id}/available_instances`;
        tree.prune(file);
        tree.plant(file, new ComputedFile(() => `${count()}\n`));
      }
    }
  }
}

/** How many more devices of a type a card can have. */
export function countOf(
  card: SimulatedCard,
  snapshot: Card,
  address: string,
  type: CardType,
): number {
  return card.driver.available(snapshot, address, type);
}
