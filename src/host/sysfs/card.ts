import type { Card, CardDevice, CardType } from '../../drivers/driver.ts';
import { resolveLink, type Tree } from '../tree.ts';
import type { CardParent, DeviceFramework } from './framework.ts';

/** A card in the form for its driver's rules, with the current devices of its parents. */
export function snapshotOf(
  framework: Pick<DeviceFramework, 'cardDevices'>,
  card: {
    readonly parents: readonly CardParent[];
    readonly types: readonly CardType[];
    readonly isFunctions?: true | undefined;
    readonly settings: Card['settings'];
  },
  holder: (uuid: string) => string | undefined,
): Card {
  return {
    parents: card.parents.map(({ address }) => address),
    types: card.types,
    ...(card.isFunctions === true ? { isFunctions: true } : {}),
    settings: card.settings,
    devices: framework
      .cardDevices(card.parents)
      .map(({ uuid, parent, type }) => deviceOfCard(uuid, parent, type, holder)),
  };
}

/** The parents on the same card: the parent alone, or all SR-IOV virtual functions of one physical function. */
export function parentsOfCard<T extends CardParent>(
  tree: Tree,
  parent: T,
  all: () => readonly T[],
): readonly T[] {
  const physical = physicalFunction(tree, parent);
  if (physical === undefined) return [parent];
  return all().filter((candidate) => physicalFunction(tree, candidate) === physical);
}

/** The path of a virtual function's physical one. */
function physicalFunction(tree: Tree, { path }: Pick<CardParent, 'path'>): string | undefined {
  const link = `${path}/physfn`;
  return tree.kind(link) === 'link' ? resolveLink(path, tree.readLink(link)) : undefined;
}

/** Who holds it is asked when somebody wants to know, since that opens files; most rules do not. */
function deviceOfCard(
  uuid: string,
  parent: string,
  type: string,
  holder: (uuid: string) => string | undefined,
): CardDevice {
  let asked: { readonly holder: string | undefined } | undefined;
  return {
    uuid,
    parent,
    type,
    get holder() {
      asked ??= { holder: holder(uuid) };
      return asked.holder;
    },
  };
}
