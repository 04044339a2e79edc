import type { Context } from '../context.ts';
import { fingerprintOf } from '../definitions/definitions.ts';
import { nameOf } from '../devices/inventory.ts';
import { applyRecord, createAgain } from '../devices/destroy.ts';
import { joinPeers } from '../devices/peer-sets.ts';
import type {
  CreateIntent,
  DefineIntent,
  DestroyIntent,
  Intent,
  OpenEntry,
  OwnerIntent,
  RedefinitionIntent,
  SettingsIntent,
  UndefineIntent,
} from './journal.ts';
import { type HostDevice, HostError } from '../../host/host.ts';
import { recoverSetup } from './recover-setup.ts';
import { cardName } from '../setup/setup-state.ts';
import type { StoreChange } from '../store/store.ts';

/** The result of recovering the intents of one operation. */
export interface Outcome {
  /** Names of the devices that were changed. */
  readonly changed: string[];
  /** What must not be changed, or cannot be, with the reasons. */
  readonly left: string[];
}

/** The name of an intent's device, group or card, for messages. */
export function subjectOf(intent: Intent): string {
  if (intent.do === 'set-up') return cardName(intent.card);
  return 'uuid' in intent ? nameOf(intent) : `group ${intent.group}`;
}

/**
 * Undoes or finishes one intent of an interrupted operation. `index` is its index in the entry. What it throws may be
 * temporary: the intent is tried again later.
 *
 * @throws NodedevError, HostError
 */
export async function recoverIntent(
  context: Context,
  change: StoreChange,
  entry: OpenEntry,
  index: number,
  intent: Intent,
  outcome: Outcome,
): Promise<void> {
  const endsWithBoot = !['define', 'undefine', 'redefine', 'set-up'].includes(intent.do);
  if (endsWithBoot && entry.boot !== context.host.bootId()) return;
  const state = stateOf(entry, index);
  if (intent.do === 'create') {
    // When a recovery has left it, and it has a record now, somebody has adopted it.
    const isAdopted = entry.left !== undefined && change.device(intent.uuid) !== undefined;
    if (!isAdopted) recoverDevice(context, change, intent, state, outcome);
    return;
  }
  if (intent.do === 'destroy') {
    const recoverIt = entry.undoesAll === true ? bringDeviceBack : recoverDevice;
    await recoverIt(context, change, intent, state, outcome);
    return;
  }
  // What somebody else has changed is not ours again when it looks as it did.
  const leftBefore = entry.left?.[index];
  if (leftBefore !== undefined) {
    outcome.left.push(leftBefore);
    return;
  }
  switch (intent.do) {
    case 'define':
      recoverDefinition(context, change, intent, state, outcome);
      return;
    case 'undefine': {
      const recoverIt = entry.undoesAll === true ? bringDefinitionBack : recoverDefinition;
      recoverIt(context, change, intent, state, outcome);
      return;
    }
    case 'redefine':
      restoreDefinition(context, intent, outcome);
      return;
    case 'set':
      restoreSettings(context, change, intent, outcome);
      return;
    case 'claim':
    case 'release':
      restoreOwner(change, intent, outcome);
      return;
    case 'set-up':
      if (state !== 'not-begun') await recoverSetup(context, entry, intent, outcome);
      return;
    case 'regroup':
      change.restoreActive(intent.before);
      outcome.changed.push(subjectOf(intent));
  }
}

/** The state of a step. `unknown`: the last step that was begun, and every step when an undo was begun. */
type StepState = 'not-begun' | 'unknown' | 'done';

function stateOf({ steps, isUndone }: OpenEntry, index: number): StepState {
  if (index >= steps) return 'not-begun';
  return isUndone || index === steps - 1 ? 'unknown' : 'done';
}

/**
 * Undoes a create, or finishes a destroy. A device whose create was not begun, and one that was destroyed and exists again,
 * belong to another program: they are not touched.
 */
function recoverDevice(
  { host }: Context,
  change: StoreChange,
  intent: CreateIntent | DestroyIntent,
  state: StepState,
  { changed, left }: Outcome,
): void {
  if (intent.do === 'create' && state === 'not-begun') return;
  const device = host.find(intent.uuid);
  if (device === undefined && intent.do === 'create' && intent.mayAppear === true) {
    left.push(`${nameOf(intent)} has not appeared yet`);
  }
  const isMeant = device?.ref.parent === intent.parent && device.type === intent.type;
  if (isMeant && !(intent.do === 'destroy' && state === 'done')) {
    if (host.holders(device).length > 0) {
      left.push(`${nameOf(intent)} is in use`);
      if (intent.do === 'create') change.deleteDevice(intent.uuid);
      return;
    }
    try {
      host.remove(device);
      changed.push(nameOf(intent));
    } catch (error) {
      // Unless another program removed it at the same time.
      if (host.find(intent.uuid) !== undefined) {
        left.push(`${nameOf(intent)} is still there: ${finalReason(error)}`);
        return;
      }
    }
  }
  change.deleteDevice(intent.uuid);
}

/** The errnos of a host that refuses for good; after any other the same can work later. */
const FINAL: ReadonlySet<string> = new Set([
  'EINVAL',
  'ENODEV',
  'ENOENT',
  'ENOSYS',
  'ENOTTY',
  'ENXIO',
  'EOPNOTSUPP',
  'ERANGE',
]);

/** Why the same would fail again. @throws the error itself when it may be temporary */
function finalReason(error: unknown): string {
  if (error instanceof HostError && FINAL.has(error.errno)) return error.message;
  throw error;
}

/** Undoes a destroy, after the devices created since are removed, and while no other process can take the room. */
async function bringDeviceBack(
  context: Context,
  change: StoreChange,
  intent: DestroyIntent,
  state: StepState,
  { changed, left }: Outcome,
): Promise<void> {
  const { host } = context;
  if (state === 'not-begun') return;
  const { uuid, parent, type, record } = intent;
  const recordNow = change.device(uuid);
  // A recovery has left it, and then somebody made it again himself.
  if (recordNow !== undefined && recordNow.created !== record?.created) return;
  const name = nameOf(intent);
  const there = host.find(uuid);
  if (there !== undefined && (there.ref.parent !== parent || there.type !== type)) {
    left.push(`the uuid of ${name} is another device's`);
    return;
  }
  const device = there ?? (await createdAgain(context, intent, left));
  if (device === undefined) {
    change.deleteDevice(uuid);
    return;
  }
  if (there === undefined) changed.push(name);
  if (record !== undefined && recordNow === undefined) change.addDevice(record);
  try {
    // Also when the device exists: a recovery before may have died after creating it.
    if (host.holders(device).length === 0) {
      applyRecord(host, device, record);
      joinPeers(host, change, device, record?.group);
    } else if (state === 'done') left.push(`${name} is in use: its attributes may be others`);
  } catch (error) {
    left.push(`${name} has not the attributes it had: ${finalReason(error)}`);
  }
}

/** The device; undefined when it cannot be created any more, which is then in `left`. */
async function createdAgain(
  context: Context,
  intent: DestroyIntent,
  left: string[],
): Promise<HostDevice | undefined> {
  const { host } = context;
  const isGone = (reason: string): undefined => {
    left.push(`${nameOf(intent)} is gone: ${reason}`);
  };
  const parent = host.parent(intent.parent);
  if (parent === undefined) return isGone('so is its parent');
  try {
    return await createAgain(context, intent);
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    const type = host.type(parent, intent.type);
    if (type === undefined) return isGone(`its parent has no ${intent.type} now`);
    if (type.availableInstances === 0) return isGone('others took its place');
    return isGone(finalReason(error));
  }
}

/** Undoes an undefine. */
function bringDefinitionBack(
  { definitions }: Context,
  change: StoreChange,
  intent: UndefineIntent,
  state: StepState,
  { changed, left }: Outcome,
): void {
  if (state === 'not-begun') return;
  const { parent, uuid, group, alias, content, before } = intent;
  const now = definitions.fingerprint(intent);
  if (now === undefined && before !== undefined) {
    definitions.restore(intent, before);
    changed.push(nameOf(intent));
  } else if (now !== content) {
    left.push(changedByOthers(intent));
    return;
  }
  if (group !== undefined) change.putDefinition({ kind: 'definition', parent, uuid, group, alias });
}

/** Undoes a define, or finishes an undefine. By its content we know whether the file is ours. */
function recoverDefinition(
  { definitions }: Context,
  change: StoreChange,
  intent: DefineIntent | UndefineIntent,
  state: StepState,
  { changed, left }: Outcome,
): void {
  if (intent.do === 'define' && state === 'not-begun') return;
  const content = definitions.fingerprint(intent);
  if (content !== undefined && !(intent.do === 'undefine' && state === 'done')) {
    if (content !== intent.content) {
      left.push(changedByOthers(intent));
      return;
    }
    definitions.undefine(intent);
    changed.push(nameOf(intent));
  }
  change.deleteDefinition(intent);
}

function restoreDefinition(
  { definitions }: Context,
  intent: RedefinitionIntent,
  { changed, left }: Outcome,
): void {
  const content = definitions.fingerprint(intent);
  if (content === fingerprintOf(intent.before)) return;
  const stored = content === intent.after ? definitions.read(intent) : undefined;
  if (stored === undefined) {
    left.push(changedByOthers(intent));
    return;
  }
  definitions.update(stored, intent.before);
  changed.push(nameOf(intent));
}

function restoreSettings(
  { host }: Context,
  change: StoreChange,
  { uuid, parent, type, values, settings }: SettingsIntent,
  { changed, left }: Outcome,
): void {
  const device = host.find(uuid);
  if (device?.ref.parent !== parent || device.type !== type) return;
  const name = nameOf(device.ref);
  for (const { name: attribute, value } of values.toReversed()) {
    if (value === undefined) {
      left.push(`${attribute} of ${name} cannot be read: look whether it is as you want it`);
      continue;
    }
    try {
      if (host.readAttribute(device, attribute) === value) continue;
      host.setAttribute(device, attribute, value);
      changed.push(name);
    } catch (error) {
      left.push(`${attribute} of ${name} is not '${value}' again: ${finalReason(error)}`);
    }
  }
  const record = change.device(uuid);
  if (record !== undefined && settings !== undefined) {
    const { attributes, params, alias } = settings;
    change.addDevice({ ...record, attributes, params, alias });
  }
}

function restoreOwner(
  change: StoreChange,
  { group, owner }: OwnerIntent,
  { changed }: Outcome,
): void {
  const now = change.activeGroup(group)?.owner;
  const isSame = (['name', 'uuid', 'planned', 'expires'] as const).every(
    (each) => now?.[each] === owner?.[each],
  );
  if (isSame) {
    return;
  }
  change.setActiveOwner(group, owner);
  changed.push(`group ${group}`);
}

const changedByOthers = (intent: DefineIntent | UndefineIntent | RedefinitionIntent): string =>
  `the definition of ${nameOf(intent)} was changed by another program`;
