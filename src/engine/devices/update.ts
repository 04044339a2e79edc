import type { Location, NodedevError } from '../../errors.ts';
import type { Host, HostDevice } from '../../host/host.ts';
import { attributeWrites } from './attribute-writes.ts';
import type { Context } from '../context.ts';
import { type PreparedChange, redefinition, requireDefinition } from '../definitions/define.ts';
import type { DefinitionRef, StoredDefinition } from '../definitions/definitions.ts';
import type { KnownDevice } from './inventory.ts';
import { findParent, nameOf, parentName, recordOf } from './inventory.ts';
import {
  definitionMismatch,
  deviceNotActive,
  modifying,
  severalDevices,
} from '../wording/messages.ts';
import { adopt, refuseForeign } from '../ownership/foreign.ts';
import { moveToGroup } from './regroup.ts';
import { refusal } from '../wording/refusals.ts';
import type { DeviceRequest, GroupRequest } from './request.ts';
import type { Intent } from '../journal/journal.ts';
import type { Steps } from '../journal/steps.ts';
import type { StoreChange } from '../store/store.ts';
import { checkResources, reportDefined, stateFiles } from './resources.ts';
import { resolveType } from './types-of-parent.ts';
import type { UpdateOptions } from '../types.ts';

/**
 * Changes a device's settings to those of a document, live, in its definition, or both, as steps of a transaction.
 * Default: live when it is active, else its definition (libvirt's VIR_NODE_DEVICE_UPDATE_AFFECT_CURRENT).
 *
 * @returns what was changed
 * @throws NodedevError `definition-mismatch`, `device-inactive`, `device-undefined`, `device-foreign`,
 *   `host-refused`
 */
export function updateDevice(
  context: Context,
  change: StoreChange,
  steps: Steps,
  device: KnownDevice,
  update: Update,
  options: UpdateOptions,
): Affected {
  const { intents, run, affected } = prepareUpdate(context, change, steps, device, update, options);
  steps.intend(intents);
  run();
  return affected;
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
): PreparedChange & { readonly affected: Affected } {
  const asked = options.live === true || options.config === true;
  const live = asked ? options.live === true : device.active !== undefined;
  const config = asked ? options.config === true : !live;
  if (live && device.active === undefined) {
    throw deviceNotActive(nameOf(device.ref), 'noLiveState');
  }
  const stored = config ? requireDefinition(device, 'noConfig') : undefined;
  checkSameDevice(context, device, update.request);
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
    affected: { live, config },
  };
}

/** The new settings for an update, from a document with one device. */
export interface Update {
  readonly request: DeviceRequest;
  /** The group it is to be in, live and defined. Undefined: the document names none, so it stays the same. */
  readonly group: string | undefined;
  /** The new autostart of the definition; undefined: it stays the same. */
  readonly autostart?: boolean | undefined;
}

/** @throws NodedevError `nodedev-invalid`: the document has several devices */
export function singleUpdate({ group, devices }: GroupRequest): Update {
  const [request, other] = devices;
  if (request === undefined || other !== undefined) throw severalDevices(other?.location);
  return { request, group };
}

/** Refuses a document of another device: libvirt's three checks (nodeDeviceUpdate). */
function checkSameDevice(
  { host }: Context,
  { ref, active, definition }: KnownDevice,
  request: DeviceRequest,
): void {
  const type = active?.type ?? definition?.definition.type ?? '';
  const uuid = request.uuid ?? request.namedUuid;
  if (uuid !== undefined && uuid !== ref.uuid) {
    throw mismatch(ref, 'uuid', ref.uuid, request.location);
  }
  const parent = findParent(host, request.parent);
  if ((parent?.address ?? request.parent) !== ref.parent) {
    throw mismatch(ref, 'parent address', ref.parent, request.parentLocation);
  }
  const types = parent === undefined ? [] : host.types(parent).items;
  const wanted =
    parent === undefined || request.type === type
      ? request.type
      : resolveType(parentName(parent), types, request.type, request.typeLocation).id;
  if (wanted !== type) throw mismatch(ref, 'type', type, request.typeLocation);
}

function mismatch(
  ref: DefinitionRef,
  what: Parameters<typeof definitionMismatch>[2],
  current: string,
  location?: Location,
): NodedevError {
  return definitionMismatch('update device', nameOf(ref), what, current, location);
}

function activeUpdate(
  context: Context,
  change: StoreChange,
  steps: Steps,
  active: HostDevice,
  update: Update,
  mayAdopt: boolean | undefined,
): PreparedChange {
  const { host } = context;
  const { attributes, params, alias } = update.request;
  refuseForeign(change, [active], mayAdopt);
  adopt(context, change, active);
  const record = recordOf(change, active);
  const writes = attributeWrites(active.type, update.request);
  const values = writes.map(({ name }) => ({ name, value: readIfReadable(host, active, name) }));
  const intents: readonly Intent[] = [
    {
      do: 'set',
      uuid: active.ref.uuid,
      parent: active.ref.parent,
      type: active.type,
      group: record?.group,
      values,
      settings: record && {
        attributes: record.attributes,
        params: record.params,
        alias: record.alias,
      },
    },
  ];
  const doing = modifying(nameOf(active.ref));
  const run = (): void => {
    const { ref, type } = active;
    const files = stateFiles(host, active);
    checkResources(context, [{ ...ref, type, files, writes, doing }]);
    try {
      for (const [index, { name, value }] of writes.entries()) {
        const before = values[index]?.value;
        steps.run(
          `set ${name} of ${nameOf(active.ref)}`,
          () => {
            host.setAttribute(active, name, value);
          },
          (failure) => {
            const isRefused =
              failure !== undefined && readIfReadable(host, active, name) === before;
            if (isRefused) return false;
            if (before === undefined) throw new Error('it cannot be read, so it is not known');
            host.setAttribute(active, name, before);
            return true;
          },
        );
      }
    } catch (error) {
      throw refusal(error, doing, { type: active.type });
    }
    if (record === undefined) return;
    change.addDevice({ ...record, attributes, params, alias: alias ?? record.alias });
  };
  return { intents, run };
}

function definitionUpdate(
  context: Context,
  change: StoreChange,
  steps: Steps,
  stored: StoredDefinition,
  update: Update,
): PreparedChange {
  const { definition, parent, uuid } = stored;
  const { type } = definition;
  const attributes = attributeWrites(type, update.request);
  const autostart = update.autostart ?? definition.autostart;
  const { location } = update.request;
  reportDefined(context, [{ uuid, parent, type, writes: attributes, location }], autostart);
  const { intents, run } = redefinition(context, steps, stored, { attributes, autostart });
  return {
    intents,
    run: () => {
      run();
      const saved = change.definition(stored);
      if (saved === undefined) return; // the definition of another program stays that program's
      change.putDefinition({ ...saved, alias: update.request.alias ?? saved.alias });
    },
  };
}

function readIfReadable(host: Host, device: HostDevice, name: string): string | undefined {
  try {
    return host.readAttribute(device, name);
  } catch {
    return undefined; // write-only
  }
}
