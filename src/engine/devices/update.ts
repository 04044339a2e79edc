import type { Location, NodedevError } from '../../errors.ts';
import { type HostType, takesType } from '../../host/host.ts';
import { changeType } from './change-type.ts';
import { functionsOf } from './functions.ts';
import type { Context } from '../context.ts';
import { type PreparedChange, requireDefinition } from '../definitions/define.ts';
import type { DefinitionRef } from '../definitions/definitions.ts';
import type { KnownDevice } from './inventory.ts';
import { findParent, nameOf, parentName } from './inventory.ts';
import {
  definitionMismatch,
  deviceNotActive,
  severalDevices,
  typeAndGroup,
} from '../wording/messages.ts';
import { knownGroups } from '../ownership/foreign.ts';
import { moveToGroup } from './regroup.ts';
import type { DeviceRequest, GroupRequest } from './request.ts';
import type { Steps } from '../journal/steps.ts';
import type { StoreChange } from '../store/store.ts';
import { activeUpdate, definitionUpdate, type Update } from './update-parts.ts';
import { resolveType } from './types-of-parent.ts';
import type { UpdateOptions } from '../call-options.ts';

/**
 * Changes a device's settings to those of a document, live, in its definition, or both, as steps of a transaction.
 * Default: live when it is active, else its definition (libvirt's VIR_NODE_DEVICE_UPDATE_AFFECT_CURRENT).
 *
 * A function gets another type when the document has one ({@link changeType}).
 *
 * @returns what was changed
 * @throws NodedevError `definition-mismatch`, `device-inactive`, `device-undefined`, `device-foreign`,
 *   `host-refused`
 */
export async function updateDevice(
  context: Context,
  change: StoreChange,
  steps: Steps,
  device: KnownDevice,
  update: Update,
  options: UpdateOptions,
): Promise<Affected> {
  const affected = affectedBy(device, options);
  const type = otherType(context, device, update.request, affected);
  if (type !== undefined) {
    await updateType(context, change, steps, device, { ...update, type }, affected, options);
    return affected;
  }
  const { intents, run } = prepareUpdate(context, change, steps, device, update, options);
  steps.intend(intents);
  run();
  return affected;
}

/** An update of a function that gives it another type, active, in its definition, or both. */
async function updateType(
  context: Context,
  change: StoreChange,
  steps: Steps,
  device: KnownDevice,
  update: Update & { readonly type: HostType },
  { live, config }: Affected,
  { adopt: mayAdopt }: UpdateOptions,
): Promise<void> {
  const { ref, active } = device;
  const { request, group, type } = update;
  const stored = config ? requireDefinition(device, 'noConfig') : undefined;
  if (active !== undefined && active.type !== type.id && !live) {
    // The next start would make another device than the active one.
    throw mismatch(ref, 'type', active.type, request.typeLocation);
  }
  if (group !== undefined && knownGroups(change, device).some((each) => each !== group)) {
    throw typeAndGroup(nameOf(ref), request.location);
  }
  const parts: PreparedChange[] = [];
  if (live && active !== undefined) {
    if (active.type === type.id) {
      parts.push(activeUpdate(context, change, steps, active, update, mayAdopt));
    } else {
      await changeType(context, change, steps, active, type, { request, adopt: mayAdopt });
    }
  }
  if (stored !== undefined) parts.push(definitionUpdate(context, change, steps, stored, update));
  steps.intend(parts.flatMap(({ intents }) => intents));
  for (const { run } of parts) run();
}

/** What an update is about: what is asked for, else the active device, else its definition. */
function affectedBy({ ref, active }: KnownDevice, options: UpdateOptions): Affected {
  const asked = options.live === true || options.config === true;
  const live = asked ? options.live === true : active !== undefined;
  const config = asked ? options.config === true : !live;
  if (live && active === undefined) throw deviceNotActive(nameOf(ref), 'noLiveState');
  return { live, config };
}

/** What an update changes. */
interface Affected {
  readonly live: boolean;
  readonly config: boolean;
}

/** {@link updateDevice} for many devices: the journal is written once. */
export function updateDevices(
  context: Context,
  change: StoreChange,
  steps: Steps,
  updates: readonly (readonly [device: KnownDevice, update: Update])[],
  options: UpdateOptions,
): void {
  const prepared = updates.map(([device, update]) =>
    prepareUpdate(context, change, steps, device, update, options),
  );
  steps.intend(prepared.flatMap(({ intents }) => intents));
  for (const { run } of prepared) run();
}

/** Checks an update; nothing is changed but the group. */
function prepareUpdate(
  context: Context,
  change: StoreChange,
  steps: Steps,
  device: KnownDevice,
  update: Update,
  options: UpdateOptions,
): PreparedChange {
  const { live, config } = affectedBy(device, options);
  const stored = config ? requireDefinition(device, 'noConfig') : undefined;
  const other = otherType(context, device, update.request, { live, config });
  if (other !== undefined) {
    const type = device.active?.type ?? device.definition?.definition.type ?? '';
    throw mismatch(device.ref, 'type', type, update.request.typeLocation);
  }
  if (update.group !== undefined) {
    moveToGroup(context, change, steps, [device], update.group, options.adopt);
  }
  const parts = [
    ...(live && device.active !== undefined
      ? [activeUpdate(context, change, steps, device.active, update, options.adopt)]
      : []),
    ...(stored === undefined ? [] : [definitionUpdate(context, change, steps, stored, update)]),
  ];
  return {
    intents: parts.flatMap(({ intents }) => intents),
    run: () => {
      for (const { run } of parts) run();
    },
  };
}

/** @throws NodedevError `nodedev-invalid`: the document has several devices */
export function singleUpdate({ group, devices }: GroupRequest): Update {
  const [request, other] = devices;
  if (request === undefined || other !== undefined) throw severalDevices(other?.location);
  return { request, group };
}

/**
 * Refuses a document of another device: libvirt's three checks (nodeDeviceUpdate). A function may have another type: that is
 * returned.
 */
function otherType(
  { host }: Context,
  { ref, active, definition }: KnownDevice,
  request: DeviceRequest,
  affected: Affected,
): HostType | undefined {
  const uuid = request.uuid ?? request.namedUuid;
  if (uuid !== undefined && uuid !== ref.uuid) {
    throw mismatch(ref, 'uuid', ref.uuid, request.location);
  }
  const parent =
    findParent(host, request.parent) ??
    functionsOf(host, request.parent).find(({ address }) => address === ref.parent);
  if ((parent?.address ?? request.parent) !== ref.parent) {
    throw mismatch(ref, 'parent address', ref.parent, request.parentLocation);
  }
  const isFunction = parent !== undefined && takesType(parent);
  const defined = definition?.definition.type;
  const types = isFunction
    ? [affected.live ? active?.type : undefined, affected.config ? defined : undefined]
    : [active?.type ?? defined];
  if (types.every((type) => type === undefined || type === request.type)) return undefined;
  const wanted =
    parent &&
    resolveType(parentName(parent), host.types(parent).items, request.type, request.typeLocation);
  const current = types.find((type) => type !== undefined && type !== (wanted?.id ?? request.type));
  if (current === undefined) return undefined;
  if (isFunction && wanted !== undefined) return wanted;
  throw mismatch(ref, 'type', current, request.typeLocation);
}

function mismatch(
  ref: DefinitionRef,
  what: Parameters<typeof definitionMismatch>[2],
  current: string,
  location?: Location,
): NodedevError {
  return definitionMismatch('update device', nameOf(ref), what, current, location);
}
