import type { Card, CardDevice, CardType } from '../../drivers/driver.ts';
import { isUuid } from '../../nodedev/uuid.ts';
import type { HostParent } from '../host.ts';
import { resolveLink, type Tree } from '../tree.ts';
import { MANY_DEVICES, typesOfDevices } from './devices-by-type.ts';
import { linkName } from './values.ts';

type CardParent = Pick<HostParent, 'address' | 'path'>;

/**
 * A card in the form for its driver's rules, with the current devices of its parents. Every directory in a parent counts as
 * a device, also without a link on the bus.
 */
export function snapshotOf(
  tree: Tree,
  card: {
    readonly parents: readonly CardParent[];
    readonly types: readonly CardType[];
    readonly settings: Card['settings'];
  },
  holder: (uuid: string) => string | undefined,
): Card {
  return {
    parents: card.parents.map(({ address }) => address),
    types: card.types,
    settings: card.settings,
    devices: card.parents.flatMap((parent) => devicesOf(tree, parent, holder)),
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
export function physicalFunction(
  tree: Tree,
  { path }: Pick<CardParent, 'path'>,
): string | undefined {
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

function devicesOf(
  tree: Tree,
  { address, path }: CardParent,
  holder: (uuid: string) => string | undefined,
): readonly CardDevice[] {
  const uuids = tree.names(path).filter(isUuid);
  const known = uuids.length < MANY_DEVICES ? undefined : typesOfDevices(tree, path);
  return uuids.flatMap((uuid) => {
    const type = known?.get(uuid) ?? linkName(tree, `${path}/${uuid}/mdev_type`);
    return type === undefined ? [] : [deviceOfCard(uuid, address, type, holder)];
  });
}
