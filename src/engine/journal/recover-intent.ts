import type { Context } from '../context.ts';
import { fingerprintOf } from '../definitions/definitions.ts';
import { nameOf } from '../devices/inventory.ts';
import { applyRecord, createAgain } from '../devices/destroy.ts';
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
import type { StoreChange } from '../store/store.ts';

/** The result of recovering the intents of one operation. */
export interface Outcome {
  /** Names of the devices that were changed. */
  readonly changed: string[];
  /** What must not be changed any more, with the reasons. */
  readonly left: string[];
}

/** The name of an intent's device or group, for messages. */
export const subjectOf = (intent: Intent): string =>
  'uuid' in intent ? nameOf(intent) : `group ${intent.group}`;

/** Undoes or finishes one intent of an interrupted operation. `index` is its index in the entry. */
export async function recoverIntent(
  context: Context,
  change: StoreChange,
  entry: OpenEntry,
  index: number,
  intent: Intent,
  outcome: Outcome,
): Promise<void> {
  const isThisBoot = entry.boot === context.host.bootId();
  const state = stateOf(entry, index);
  switch (intent.do) {
    case 'create':
      if (isThisBoot) recoverDevice(context, change, intent, state, outcome);
      return;
    case 'destroy': {
      const recoverIt = entry.undoesAll === true ? bringDeviceBack : recoverDevice;
      if (isThisBoot) await recoverIt(context, change, intent, state, outcome);
      return;
    }
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
      if (isThisBoot) restoreSettings(context, change, intent, outcome);
      return;
    case 'claim':
    case 'release':
      if (isThisBoot) restoreOwner(change, intent, outcome);
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
  const isMeant = device?.ref.parent === intent.parent && device.type === intent.type;
  if (isMeant && !(intent.do === 'destroy' && state === 'done')) {
    if (host.holders(device).length > 0) {
      left.push(`${nameOf(intent)} is in use`);
      return;
    }
    host.remove(device);
    changed.push(nameOf(intent));
  }
  change.deleteDevice(intent.uuid);
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
  const name = nameOf(intent);
  const there = host.find(uuid);
  if (there !== undefined && (there.ref.parent !== parent || there.type !== type)) {
    left.push(`the uuid of ${name} is another device's`);
    return;
  }
  try {
    const device = there ?? (await createAgain(context, intent));
    if (there === undefined) changed.push(name);
    // Also when the device exists: a recovery before may have died after creating it.
    if (host.holders(device).length === 0) applyRecord(host, device, record);
  } catch (error) {
    left.push(`${name} is not as it was: ${String(error)}`);
  }
  if (host.find(uuid) === undefined) change.deleteDevice(uuid);
  else if (record !== undefined && change.device(uuid) === undefined) change.addDevice(record);
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
    } else if (host.readAttribute(device, attribute) !== value) {
      host.setAttribute(device, attribute, value);
      changed.push(name);
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
  if (now?.name === owner?.name && now?.uuid === owner?.uuid) return;
  change.setActiveOwner(group, owner);
  changed.push(`group ${group}`);
}

const changedByOthers = (intent: DefineIntent | UndefineIntent | RedefinitionIntent): string =>
  `the definition of ${nameOf(intent)} was changed by another program`;
