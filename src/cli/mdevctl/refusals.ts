import type { Connection } from '../../plan/connection.ts';
import { NodedevError } from '../../errors.ts';
import { MdevctlError } from '../failures.ts';
import * as messages from './messages.ts';

/** What a subcommand does, for what is said when it is refused. */
interface Doing {
  readonly what: 'start' | 'stop' | 'define' | 'other';
  readonly uuid?: string | undefined;
  readonly parent?: string | undefined;
  readonly type?: string | undefined;
}

/** The same, with nothing for what is not known. */
type Known = { readonly [Name in keyof Doing]-?: NonNullable<Doing[Name]> };

/** Does something; a refusal is said in mdevctl's words first, where it has some for it. @throws MdevctlError */
export async function inItsWords<T>(doing: Doing, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof NodedevError)) throw error;
    const { what, uuid = '', parent = '', type = '' } = doing;
    const known = { what, uuid, parent, type };
    const same = SAME[error.code]?.(known);
    if (same !== undefined) throw new MdevctlError(same, { hint: error.hint });
    const isKernels = error.code === 'host-refused' || error.code === 'in-use';
    const sentence = isKernels ? refused(known) : undefined;
    throw new MdevctlError(sentence ?? error.message, { cause: error });
  }
}

/** Where it says the same in other words. */
const SAME: Readonly<Partial<Record<NodedevError['code'], (doing: Known) => string | undefined>>> =
  {
    'no-instances': ({ parent, type }) => messages.noInstances(parent, type),
    'type-unknown': ({ parent, type }) => messages.noSuchType(parent, type),
    'uuid-exists': () => messages.alreadyExists,
    'device-active': () => messages.alreadyExists,
    'device-defined': ({ uuid, parent }) => messages.alreadyDefined(uuid, parent),
  };

function refused({ what, uuid, type, parent }: Known): string | undefined {
  if (what === 'start') return messages.notCreated(uuid, type, parent);
  return what === 'stop' ? messages.notRemoved(uuid) : undefined;
}

/** @throws MdevctlError: it is no parent of mediated devices, with the name that differs in its case only */
export async function requireParent(connection: Connection, parent: string): Promise<void> {
  if ((await connection.mdevctlParents({ parent })).items.length > 0) return;
  const { items } = await connection.mdevctlParents();
  const meant = items.find((one) => one.parent.toLowerCase() === parent.toLowerCase());
  throw new MdevctlError(messages.noSuchParent(parent, meant?.parent), {
    hint: messages.seeParents,
  });
}
