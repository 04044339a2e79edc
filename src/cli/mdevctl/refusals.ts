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
    const sentence = isKernels ? (missingAttribute(error, known) ?? refused(known)) : undefined;
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

/** An attribute that the new device has not. Over ssh it is not known. */
function missingAttribute({ cause }: NodedevError, { what, uuid }: Known): string | undefined {
  const isRead = cause instanceof Error && 'errno' in cause && 'path' in cause;
  if (what !== 'start' || !isRead || cause.errno !== 'ENOENT') return undefined;
  const [, name] = String(cause.path).split(`/${uuid}/`);
  return name === undefined ? undefined : messages.invalidAttribute(name);
}

function refused({ what, uuid, type, parent }: Known): string | undefined {
  if (what === 'start') return messages.notCreated(uuid, type, parent);
  return what === 'stop' ? messages.notRemoved(uuid) : undefined;
}

/**
 * Elsewhere a type has other names, too, and upper and lower case are one.
 *
 * @throws MdevctlError: it is no parent of mediated devices, with the name that differs in its case only; it has no such type
 */
export async function requireType(
  connection: Connection,
  parent: string,
  type: string,
): Promise<void> {
  const [found] = (await connection.mdevctlParents({ parent })).items;
  if (found?.types.some(({ id }) => id === type) === true) return;
  if (found !== undefined) throw new MdevctlError(messages.noSuchType(parent, type));
  const { items } = await connection.mdevctlParents();
  const meant = items.find((one) => one.parent.toLowerCase() === parent.toLowerCase());
  throw new MdevctlError(messages.noSuchParent(parent, meant?.parent), {
    hint: messages.seeParents,
  });
}
