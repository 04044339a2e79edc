import { type Issue, NodedevError } from '../../errors.ts';
import { HostError } from '../../host/host.ts';
import type { Context } from '../context.ts';
import type { Intent, OpenEntry } from './journal.ts';
import { recovered, recoveryFailed, recoveryLeft } from '../wording/recovery-messages.ts';
import { type Outcome, recoverIntent, subjectOf } from './recover-intent.ts';
import type { StoreChange } from '../store/store.ts';

/**
 * Recovers from interrupted operations: a create, define, update, claim or release is undone, a destroy or undefine is
 * finished. A plan with several kinds of actions is undone. Recovery is idempotent, so that it can be interrupted itself.
 * What is in use, or differs from the journal, stays as it is. Each operation is reported to `context.report`.
 *
 * @returns what was reported: `recovered`, and `recovery-left` with severity `error`
 * @throws NodedevError `recovery-failed`: the next recovery tries again; `permission-denied`, `store-failed`
 */
export async function recover(context: Context): Promise<readonly Issue[]> {
  const { journal, store, definitions } = context;
  if (journal.entries().length === 0) return []; // without waiting for the lock
  const { issues, ids } = await store.write(async (change) => {
    const open = openEntries(context, change);
    const found: Issue[] = [];
    for (const entry of open) found.push(...(await recoverEntry(context, change, entry)));
    if (open.length > 0) definitions.sweep();
    return { issues: found, ids: open.map((entry) => entry.id) };
  }, context.signal);
  for (const id of ids) journal.remove(id);
  for (const issue of issues) context.report(issue);
  return issues;
}

/**
 * The interrupted operations. While the lock is held, no operation of another process can be running. Entries of complete
 * operations are removed from the journal.
 */
export function openEntries({ journal }: Context, change: StoreChange): readonly OpenEntry[] {
  return journal.entries().filter(({ id }) => {
    if (!change.isSettled(id)) return true;
    journal.remove(id);
    return false;
  });
}

async function recoverEntry(
  context: Context,
  change: StoreChange,
  entry: OpenEntry,
): Promise<readonly Issue[]> {
  const outcome: Outcome = { changed: [], left: [] };
  const operation = operationOf(entry);
  try {
    for (const [index, intent] of [...entry.intents.entries()].toReversed()) {
      await recoverIntent(context, change, entry, index, intent, outcome);
    }
  } catch (error) {
    if (!(error instanceof NodedevError || error instanceof HostError)) throw error;
    throw recoveryFailed(operation, entry.id, error);
  }
  change.settle(entry.id, false);
  const { changed } = outcome;
  const left = outcome.left.map((reason) => recoveryLeft(operation, reason));
  if (changed.length === 0 && left.length === 0) {
    return [recovered(operation, 'nothing', entry.intents.map(subjectOf))];
  }
  return changed.length === 0 ? left : [recovered(operation, outcomeOf(entry), changed), ...left];
}

/** The operation's name for users: `apply` when it has intents of several kinds, as a plan has. */
function operationOf({ intents }: OpenEntry): string {
  const kinds = new Set(
    intents.map((intent) =>
      intent.do === 'set' || intent.do === 'redefine' ? 'update' : intent.do,
    ),
  );
  const [kind = 'change', ...others] = kinds;
  return others.length === 0 ? kind : 'apply';
}

/** Whether the operation is undone or finished. */
function outcomeOf({ intents, undoesAll }: OpenEntry): 'undone' | 'finished' {
  const isEnding = (intent: Intent): boolean => intent.do === 'destroy' || intent.do === 'undefine';
  return undoesAll !== true && intents.some(isEnding) ? 'finished' : 'undone';
}
