import { describedTypes } from '../../drivers/described-types.ts';
import type { Card, CardType, FunctionFiles, ListedType } from '../../drivers/driver.ts';
import type { MemoryTree } from '../memory-tree.ts';
import { snapshotOf } from '../sysfs/card.ts';
import { FunctionFramework } from '../sysfs/function-framework.ts';
import { MdevFramework } from '../sysfs/mdev-framework.ts';
import { isFlat, typesPath } from '../sysfs/mdev-layout.ts';
import { MDEV_BUS } from '../sysfs/paths.ts';
import { linkName, readLine } from '../sysfs/values.ts';
import { ComputedFile, type Tree } from '../tree.ts';
import { withCounts } from './flat-table.ts';
import type { SimulatedCard, SimulatedHardware, SimulatedParent } from './profile.ts';
import { settingsNow } from './setup-overlay.ts';

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

/**
 * A card whose types are described as a reader describes them. The driver of functions has all that the host's file lists, and
 * its types have no description of their own.
 */
export function withDescribedTypes<T extends SimulatedCard>(
  card: T,
  listed: ReadonlyMap<string, ListedType> = new Map(),
): T {
  const { driver, functions, types } = card;
  if (functions === undefined || listed.size === 0) {
    const described = describedTypes(driver, types, listed);
    return described === types ? card : { ...card, types: described };
  }
  const known = new Set(types.map(({ id }) => id));
  const others = [...listed.values()].filter(({ id }) => !known.has(id));
  const bare: readonly CardType[] = [
    ...types.map((type) => ({ ...type, description: undefined })),
    ...others.map(({ id, name }) => ({ id, name, deviceApi: 'vfio-pci' })),
  ];
  return { ...card, types: describedTypes(driver, bare, listed) };
}

/** Whether a driver has registered this parent of a card: only then it offers types. */
export function isRegistered(
  tree: Tree,
  { functions }: SimulatedCard,
  { address, path }: SimulatedParent,
): boolean {
  const sign = functions === undefined ? `${MDEV_BUS}/${address}` : `${path}/${functions.current}`;
  return tree.kind(sign) !== undefined;
}

const registered = (tree: Tree, card: SimulatedCard): readonly SimulatedParent[] =>
  card.parents.filter((parent) => isRegistered(tree, card, parent));

/** A card with its devices, as the tree has them. */
export function readCard(
  tree: Tree,
  card: SimulatedCard,
  holder: (uuid: string) => string | undefined = () => undefined,
): Card {
  const parents = registered(tree, card);
  if (card.functions === undefined) {
    return snapshotOf(new MdevFramework(tree), { ...card, parents }, holder);
  }
  const physical = parents[0] && linkName(tree, `${parents[0].path}/physfn`);
  const settings = physical === undefined ? card.settings : settingsNow(tree, card, physical);
  const now = { ...card, parents, settings, isFunctions: true } as const;
  return snapshotOf(new FunctionFramework(tree), now, holder);
}

/** Updates `available_instances` of all types of a card. Only files with another value are written. */
export function updateCounts(tree: Tree, card: SimulatedCard): void {
  const snapshot = readCard(tree, card);
  const { functions } = card;
  if (functions !== undefined) {
    updateOffers(tree, card, functions, snapshot);
    return;
  }
  for (const { address, path } of registered(tree, card)) {
    const counts = card.types.map(
      (type) => [type.id, countOf(card, snapshot, address, type)] as const,
    );
    const isOther = ([id, count]: (typeof counts)[number]): boolean =>
      readLine(tree, countFile(path, id)) !== `${count}`;
    setCounts(tree, path, isFlat(tree, path) ? counts : counts.filter(isOther));
  }
}

const countFile = (parentPath: string, type: string): string =>
  `${typesPath(parentPath)}/${type}/available_instances`;

/** Writes how many are left of types of a parent, by their ids. */
function setCounts(
  tree: Tree,
  path: string,
  counts: readonly (readonly [id: string, count: number])[],
): void {
  if (isFlat(tree, path)) {
    const before = tree.read(typesPath(path));
    const after = withCounts(before, path, tree, new Map(counts));
    if (after !== before) tree.replace(typesPath(path), after);
    return;
  }
  for (const [id, count] of counts) tree.replace(countFile(path, id), `${count}\n`);
}

/** Updates the list of the types that each function of a card could take. */
function updateOffers(
  tree: Tree,
  card: SimulatedCard,
  functions: FunctionFiles,
  snapshot: Card,
): void {
  for (const { address, path } of registered(tree, card)) {
    const text = offerOf(card, functions, snapshot, address);
    const file = `${path}/${functions.offered}`;
    if (tree.read(file) !== text) tree.replace(file, text);
  }
}

/** What a function shows: of one that has a type, and of one on a full GPU, the header only. */
function offerOf(
  card: SimulatedCard,
  functions: FunctionFiles,
  snapshot: Card,
  address: string,
): string {
  const offered = card.types.filter((type) => countOf(card, snapshot, address, type) > 0);
  return functions.format(
    offered.flatMap(({ id, name }) => {
      const number = functions.numberOf(id);
      return number === undefined ? [] : [{ number, name }];
    }),
  );
}

/** As {@link updateCounts}, when the card before the change is known: nothing is read, and only changed files are written. */
export function updateChangedCounts(
  tree: Tree,
  card: SimulatedCard,
  before: Card,
  after: Card,
): void {
  for (const { address, path } of registered(tree, card)) {
    const counts = card.types.flatMap((type) => {
      const count = countOf(card, after, address, type);
      return count === countOf(card, before, address, type) ? [] : [[type.id, count] as const];
    });
    setCounts(tree, path, counts);
  }
}

/** Makes the files `available_instances` computed ones: in memory their value is computed when they are read, as in sysfs. */
export function computeCounts(
  tree: MemoryTree,
  { cards }: Pick<SimulatedHardware, 'cards'>,
  occupied: (card: SimulatedCard) => Card,
): void {
  for (const card of cards) {
    const { functions } = card;
    for (const { address, path } of registered(tree, card)) {
      if (functions !== undefined) {
        const offer = () => offerOf(card, functions, occupied(card), address);
        tree.prune(`${path}/${functions.offered}`);
        tree.plant(`${path}/${functions.offered}`, new ComputedFile(offer));
        continue;
      }
      if (isFlat(tree, path)) {
        const types = typesPath(path);
        const text = tree.read(types);
        const counts = () =>
          card.types.map(
            (type) => [type.id, countOf(card, occupied(card), address, type)] as const,
          );
        tree.prune(types);
        tree.plant(types, new ComputedFile(() => withCounts(text, path, tree, new Map(counts()))));
        continue;
      }
      for (const type of card.types) {
        const count = () => countOf(card, occupied(card), address, type);
        const file = countFile(path, type.id);
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
