import { isUuid } from '../../nodedev/uuid.ts';
import { HostError } from '../host.ts';
import { link, type Tree } from '../tree.ts';
import { namesIfAny, readLinkIfAny } from './values.ts';

/**
 * The uuids of functions that have a type. The kernel has no place for them, so each stands in a link of its own, called by
 * the uuid, whose text is data: function, type and boot. A link is made and read in one step, so that it is never half.
 * It counts only while the function still has this type in this boot.
 */
export interface FunctionIdentity {
  readonly uuid: string;
  readonly parent: string;
  readonly type: string;
}

/** Their folder, beside the records of active devices. */
export const IDENTITIES = '/run/virt-nodedev/functions';

/** The identity of this uuid; undefined: there is none from this boot. */
export function readIdentity(tree: Tree, uuid: string, boot: string): FunctionIdentity | undefined {
  if (!isUuid(uuid) || tree.kind(`${IDENTITIES}/${uuid}`) !== 'link') return undefined;
  const [parent, type, of, ...others] = (readLinkIfAny(tree, `${IDENTITIES}/${uuid}`) ?? '').split(
    ' ',
  );
  const isValid = parent !== undefined && type !== undefined && of === boot && others.length === 0;
  return isValid ? { uuid, parent, type } : undefined;
}

/** All identities of this boot. */
export function readIdentities(tree: Tree, boot: string): readonly FunctionIdentity[] {
  return namesIfAny(tree, IDENTITIES).flatMap((uuid) => readIdentity(tree, uuid, boot) ?? []);
}

/**
 * Keeps an identity. Those that the function had before, those of other boots, and what the uuid had before another program took
 * the type of its function, go. The caller has checked that no device has the uuid.
 */
export function keepIdentity(
  tree: Tree,
  { uuid, parent, type }: FunctionIdentity,
  boot: string,
): void {
  tree.ensureDirectory(IDENTITIES);
  for (const name of namesIfAny(tree, IDENTITIES)) {
    const known = readIdentity(tree, name, boot);
    if (name === uuid || known === undefined || known.parent === parent) forgetIdentity(tree, name);
  }
  tree.plant(`${IDENTITIES}/${uuid}`, link(`${parent} ${type} ${boot}`));
}

/** Removes an identity. One that is gone already is none, and one that cannot be removed no longer counts. */
export function forgetIdentity(tree: Tree, uuid: string): void {
  try {
    if (tree.kind(`${IDENTITIES}/${uuid}`) !== undefined) tree.prune(`${IDENTITIES}/${uuid}`);
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
  }
}
