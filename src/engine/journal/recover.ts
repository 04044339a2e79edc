import { type Issue, NodedevError } from '../../errors.ts';
import { HostError } from '../../host/host.ts';
import type { Context } from '../context.ts';
import type { Intent, Journal, OpenEntry } from './journal.ts';
import {
  operationUnknown,
  recovered,
  recoveryFailed,
  recoveryLeft,
} from '../wording/recovery-messages.ts';
import { type Outcome, recoverIntent, subjectOf } from './recover-intent.ts';
import type { StoreChange, StoreView } from '../store/store.ts';
import type { RecoveryState } from '../results.ts';

/**
 * Recovers from interrupted operations: a create, define, update, claim or release is undone, a destroy or undefine is
 * finished. A plan with several kinds of actions is undone. Recovery is idempotent, so that it can be interrupted itself.
 * What is in use, differs from the journal, or cannot be done any more, stays as it is, and stays in the journal. Each
 * operation is reported to `context.report`.
 *
 * @param tryLeft also what an earlier recovery has left
 * @returns what was reported: `recovered`, and `recovery-left` with severity `error`
 * @throws NodedevError `recovery-failed`: the next recovery tries again; `permission-denied`, `store-failed`
 */
export async function recover(
  context: Context,
  { tryLeft = false }: { readonly tryLeft?: boolean } = {},
): Promise<readonly Issue[]> {
  const { journal, store, definitions } = context;
  const isMeant = (entry: OpenEntry): boolean => tryLeft || isPending(entry);
  if (!journal.entries().some(isMeant)) return []; // without waiting for the lock
  const recoveries = await store.write(async (change) => {
    const open = openEntries(context, change).filter(isMeant);
    const done: Recovery[] = [];
    for (const entry of open) done.push(await recoverEntry(context, change, entry));
    const over = done.filter(({ rest }) => rest === undefined);
    for (const { entry } of over) change.settle(entry.id, false);
    if (over.length > 0) change.noteRecovery({ time: Date.now(), operations: over.length });
    change.keep(); // before the journal forgets what the records are changed for
    for (const { entry, rest } of done) {
      if (rest === undefined) journal.remove(entry.id);
      else journal.write(rest);
    }
    if (open.length > 0) definitions.sweep();
    return done;
  }, context.signal);
  const issues = recoveries.flatMap((recovery) => recovery.issues);
  for (const issue of issues) context.report(issue);
  const [failure] = recoveries.flatMap((recovery) => recovery.failure ?? []);
  if (failure !== undefined) throw failure;
  return issues;
}

/**
 * Ends an interrupted operation as it is: nothing of it is undone or finished any more.
 *
 * @throws NodedevError `operation-unknown`, `permission-denied`, `store-failed`
 */
export async function forget(context: Context, id: string): Promise<readonly Issue[]> {
  return context.store.write((change) => {
    const entry = openEntries(context, change).find((open) => open.id === id);
    if (entry === undefined) throw operationUnknown(id);
    context.journal.remove(id, { durably: true });
    return [recovered(operationOf(entry), 'forgotten', entry.intents.map(subjectOf))];
  }, context.signal);
}

/** What earlier recoveries have left. @throws NodedevError `permission-denied`, `store-failed` */
export function leftIssues(journal: Journal): readonly Issue[] {
  return journal
    .entries()
    .flatMap((entry) =>
      (entry.left ?? []).map((reason) => recoveryLeft(operationOf(entry), reason, entry.id)),
    );
}

/** How the journal of a host stands. @throws NodedevError `permission-denied`, `store-failed` */
export function recoveryState(
  { journal }: Context,
  view: Pick<StoreView, 'lastRecovery'>,
): RecoveryState {
  const entries = journal.entries();
  const last = view.lastRecovery();
  return {
    ...(last && { last: { time: last.time, operations: last.operations } }),
    pending: entries.filter(isPending).length,
    left: entries.length - entries.filter(isPending).length,
  };
}

/** Whether recovery must run before the next change. */
const isPending = ({ left }: OpenEntry): boolean => left === undefined;

/**
 * Whether an operation waits for recovery. While the lock is held, no operation of another process can be running. Entries
 * of complete operations are removed from the journal.
 */
export const needsRecovery = (context: Context, change: StoreChange): boolean =>
  openEntries(context, change).some(isPending);

function openEntries({ journal }: Context, change: StoreChange): readonly OpenEntry[] {
  return journal.entries().filter(({ id }) => {
    if (!change.isSettled(id)) return true;
    journal.remove(id);
    return false;
  });
}

/** How far the recovery of one operation has come. */
interface Recovery {
  readonly entry: OpenEntry;
  /** What is still to be done, or was left; undefined: nothing. */
  readonly rest: OpenEntry | undefined;
  readonly issues: readonly Issue[];
  /** Why the rest is not done; undefined when it was left for good. */
  readonly failure?: NodedevError | undefined;
}

async function recoverEntry(
  context: Context,
  change: StoreChange,
  entry: OpenEntry,
): Promise<Recovery> {
  const operation = operationOf(entry);
  const outcome: Outcome = { changed: [], left: [] };
  const left: { readonly intent: Intent; readonly reason: string }[] = [];
  const untried = [...entry.intents];
  let failure: NodedevError | undefined;
  for (const [index, intent] of [...entry.intents.entries()].toReversed()) {
    const before = outcome.left.length;
    try {
      await recoverIntent(context, change, entry, index, intent, outcome);
    } catch (error) {
      if (!(error instanceof NodedevError || error instanceof HostError)) throw error;
      failure = recoveryFailed(operation, entry.id, error);
      break;
    }
    untried.pop();
    const reason = outcome.left.slice(before).join('; ');
    if (reason !== '') left.unshift({ intent, reason });
  }
  const isOver = failure === undefined && left.length === 0;
  const issues = [
    ...changedIssues(entry, outcome.changed, isOver),
    ...outcome.left.map((reason) => recoveryLeft(operation, reason, entry.id)),
  ];
  if (isOver) return { entry, rest: undefined, issues, failure };
  const isAsBefore = untried.length === entry.intents.length || entry.left !== undefined;
  if (failure !== undefined && isAsBefore) return { entry, rest: entry, issues, failure };
  // The places of intents that were not tried stay, and with them what the marks of progress say.
  const rest = {
    ...entry,
    intents: [...untried, ...left.map(({ intent }) => intent)],
    left: failure === undefined ? left.map(({ reason }) => reason) : undefined,
    ...(left.length > 0 && { steps: Math.max(entry.steps, entry.intents.length), isUndone: true }),
  };
  return { entry, rest, issues, failure };
}

function changedIssues(
  entry: OpenEntry,
  changed: readonly string[],
  isOver: boolean,
): readonly Issue[] {
  const operation = operationOf(entry);
  if (changed.length > 0) return [recovered(operation, outcomeOf(entry), changed)];
  return isOver ? [recovered(operation, 'nothing', entry.intents.map(subjectOf))] : [];
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
