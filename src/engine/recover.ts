import { type Issue, NodedevError } from '../errors.ts';
import { HostError } from '../host/host.ts';
import type { Context } from './context.ts';
import { parseDefinition, type StoredDefinition } from './definitions.ts';
import { nameOf } from './inventory.ts';
import type {
  DefinitionIntent,
  DeviceIntent,
  Intent,
  JournalEntry,
  RedefinitionIntent,
  SettingsIntent,
} from './journal.ts';
import type { StoreChange } from './store.ts';

/**
 * Puts right what interrupted operations left: a create, define or update is undone, a destroy or undefine is
 * finished. Idempotent, so that it can be interrupted as well. What is no longer what the journal says, or is in
 * use, stays as it is. Tells each operation through `context.report`.
 *
 * @returns what it told
 * @throws NodedevError `recovery-failed`: the next recovery tries again; `permission-denied`, `store-failed`
 */
export async function recover(context: Context): Promise<readonly Issue[]> {
  const { journal, store, definitions } = context;
  if (journal.entries().length === 0) return []; // nobody's lock is waited for
  const { issues, ids } = await store.write((change) => {
    const open = openEntries(context, change);
    const found = open.flatMap((entry) => recoverEntry(context, change, entry));
    if (open.length > 0) definitions.sweep();
    return { issues: found, ids: open.map((entry) => entry.id) };
  });
  for (const id of ids) journal.remove(id);
  for (const issue of issues) context.report(issue);
  return issues;
}

/**
 * The operations that were interrupted; while the store's lock is held, none can be just running. Those that were
 * complete and only not yet taken out of the journal go from it.
 */
export function openEntries({ journal }: Context, change: StoreChange): readonly JournalEntry[] {
  return journal.entries().filter(({ id }) => {
    if (id !== change.settled()) return true;
    journal.remove(id);
    return false;
  });
}

/** What came of the intents of one operation. */
interface Outcome {
  /** Names of the devices that were changed. */
  readonly changed: string[];
  /** What is no longer ours to change, with why. */
  readonly left: string[];
}

function recoverEntry(context: Context, change: StoreChange, entry: JournalEntry): Issue[] {
  const isThisBoot = entry.boot === context.host.bootId();
  const outcome: Outcome = { changed: [], left: [] };
  const operation = entry.intents[0]?.do ?? 'change';
  try {
    for (const intent of entry.intents.toReversed()) {
      recoverIntent(context, change, intent, isThisBoot, outcome);
    }
  } catch (error) {
    throw recoveryFailed(entry, operation, error);
  }
  change.settle(entry.id);
  return tell(entry, operation, outcome);
}

function recoverIntent(
  context: Context,
  change: StoreChange,
  intent: Intent,
  isThisBoot: boolean,
  outcome: Outcome,
): void {
  switch (intent.do) {
    case 'create':
    case 'destroy':
      if (isThisBoot) removeMeant(context, change, intent, outcome);
      return;
    case 'define':
    case 'undefine':
      undefineMeant(context, change, intent, outcome);
      return;
    case 'redefine':
      restoreDefinition(context, intent, outcome);
      return;
    case 'set':
      if (isThisBoot) restoreSettings(context, change, intent, outcome);
  }
}

/** Undoes a create, finishes a destroy. */
function removeMeant(
  { host }: Context,
  change: StoreChange,
  intent: DeviceIntent,
  { changed, left }: Outcome,
): void {
  const device = host.find(intent.uuid);
  if (device?.ref.parent === intent.parent && device.type === intent.type) {
    if (host.holders(device).length > 0) {
      left.push(`${nameOf(intent)} is in use`);
      return;
    }
    host.remove(device);
    changed.push(nameOf(intent));
  }
  change.deleteDevice(intent.uuid);
}

/** Undoes a define, finishes an undefine. */
function undefineMeant(
  context: Context,
  change: StoreChange,
  intent: DefinitionIntent,
  { changed, left }: Outcome,
): void {
  const stored = readable(context, intent);
  if (stored === 'unreadable' || (stored !== undefined && stored.snapshot.text !== intent.text)) {
    left.push(`the definition of ${nameOf(intent)} was changed by another program`);
    return;
  }
  if (stored !== undefined) {
    context.definitions.undefine(intent);
    changed.push(nameOf(intent));
  }
  change.deleteDefinition(intent);
}

function restoreDefinition(
  context: Context,
  intent: RedefinitionIntent,
  { changed, left }: Outcome,
): void {
  const stored = readable(context, intent);
  if (stored === 'unreadable' || stored === undefined) {
    left.push(`the definition of ${nameOf(intent)} was changed by another program`);
  } else if (stored.snapshot.text === intent.after && intent.after !== intent.before) {
    context.definitions.update(stored, parseDefinition(intent.before));
    changed.push(nameOf(intent));
  } else if (stored.snapshot.text !== intent.before) {
    left.push(`the definition of ${nameOf(intent)} was changed by another program`);
  }
}

function restoreSettings(
  { host }: Context,
  change: StoreChange,
  intent: SettingsIntent,
  { changed, left }: Outcome,
): void {
  const device = host.find(intent.uuid);
  if (device?.ref.parent !== intent.parent || device.type !== intent.type) return;
  for (const { name, value } of intent.values.toReversed()) {
    if (value === undefined) {
      left.push(`${name} of ${nameOf(intent)} cannot be read: look whether it is as you want it`);
    } else if (host.readAttribute(device, name) !== value) {
      host.setAttribute(device, name, value);
      changed.push(nameOf(intent));
    }
  }
  const { attributes, params } = intent;
  const record = change.device(intent.uuid);
  if (record !== undefined) change.addDevice({ ...record, attributes, params });
}

/** A definition another program left broken is not the one that was written. */
function readable(
  { definitions }: Context,
  intent: Intent,
): StoredDefinition | 'unreadable' | undefined {
  try {
    return definitions.read(intent);
  } catch (error) {
    if (error instanceof NodedevError && error.code === 'definition-invalid') return 'unreadable';
    throw error;
  }
}

function tell({ intents }: JournalEntry, operation: string, { changed, left }: Outcome): Issue[] {
  const done = ['destroy', 'undefine'].includes(operation) ? 'finished' : 'undone';
  const names = [...new Set(changed.length > 0 ? changed : intents.map(nameOf))].join(', ');
  const message =
    changed.length > 0
      ? `an interrupted ${WORDS[operation] ?? operation} was ${done}: ${names}`
      : `an interrupted ${WORDS[operation] ?? operation} had nothing left to put right: ${names}`;
  return [
    { code: 'recovered', severity: 'warning', message },
    ...left.map(
      (reason): Issue => ({
        code: 'recovery-left',
        severity: 'warning',
        message: `left: ${reason}`,
      }),
    ),
  ];
}

/** What the user called what the journal says. */
const WORDS: Readonly<Record<string, string | undefined>> = { set: 'update', redefine: 'update' };

function recoveryFailed(entry: JournalEntry, operation: string, cause: unknown): unknown {
  if (!(cause instanceof NodedevError || cause instanceof HostError)) return cause;
  return new NodedevError(
    'recovery-failed',
    `an interrupted ${WORDS[operation] ?? operation} could not be put right: ${cause.message}`,
    {
      hint: `nothing is changed before it is; \`virt-nodedev recover\` tries again (journal entry ${entry.id})`,
      cause,
    },
  );
}
