import { parseUuid } from '../../nodedev/uuid.ts';
import type { NamedValue } from '../../nodedev/device.ts';
import type { HostDevice } from '../../host/host.ts';
import { attributeWrites } from './attribute-writes.ts';
import type { ScriptCall } from '../scripts/around-scripts.ts';
import type { Context } from '../context.ts';
import { createDevices } from './create.ts';
import { defineDevices, undefineDevices } from '../definitions/define.ts';
import { destroyDevices } from './destroy.ts';
import { claimGroup, releaseGroups } from '../ownership/claim.ts';
import { type KnownDevice, knownDevice, nameOf } from './inventory.ts';
import { deviceNotActive, deviceUnknown, operationInvalid } from '../wording/messages.ts';
import { type ResolvedRequest, requestResolver } from './resolve-requests.ts';
import { checkGroupName } from './names.ts';
import type { DeviceRequest } from './request.ts';
import type { ScriptAction } from '../scripts/protocol.ts';
import type { Steps } from '../journal/steps.ts';
import type { StoreChange } from '../store/store.ts';
import type { DomainRef } from '../../policy/domain-ref.ts';
import type { HotplugOptions } from '../call-options.ts';
import { regroupDevices } from './regroup.ts';
import { type SetupOperation, setUpCards } from '../setup/set-up.ts';
import { updateDevices } from './update.ts';
import type { Update } from './update-parts.ts';

/** The device of an operation. All names are in the host's form. */
export interface OperationDevice {
  /** Lower case, hyphenated. */
  readonly uuid: string;
  /** sysfs name of the parent. */
  readonly parent: string;
  /** The type's id. */
  readonly type: string;
  readonly group: string;
  readonly alias?: string | undefined;
  /** sysfs attributes, in order. */
  readonly attributes: readonly NamedValue[];
  readonly params?: string | undefined;
}

/**
 * One change of a device. `adopt`: another program's becomes ours. `regroup`: it goes to another group, active and defined.
 * `update`: of the active device; `redefine`: of its definition.
 */
export type DeviceOperation =
  | {
      readonly action: 'adopt' | 'regroup' | 'destroy' | 'undefine' | 'create' | 'start' | 'update';
      readonly device: OperationDevice;
    }
  | {
      readonly action: 'define' | 'redefine';
      readonly device: OperationDevice;
      readonly autostart: boolean;
    };

/** One change of the host. */
export type Operation = DeviceOperation | OwnerOperation | SetupOperation;

/** A domain becomes the owner of a group, or is it no longer. */
export interface OwnerOperation {
  readonly action: 'claim' | 'release';
  readonly group: string;
  readonly owner: DomainRef;
  /** Of a claim: seconds after which `gc` ends it, if no device of the group was opened. Undefined: never. */
  readonly expires?: number | undefined;
}

/** Whether an operation is about the owner of a group. */
export const isOfOwner = (operation: Operation): operation is OwnerOperation =>
  operation.action === 'claim' || operation.action === 'release';

/** Whether an operation is about a device. */
export const isOfDevice = (operation: Operation): operation is DeviceOperation =>
  'device' in operation;

/** The order in which operations are carried out: devices are destroyed first, to make room, then cards are set up. */
export const OPERATION_ORDER: readonly Operation['action'][] = [
  'adopt',
  'release',
  'regroup',
  'destroy',
  'undefine',
  'set-up',
  'define',
  'redefine',
  'create',
  'start',
  'update',
  'claim',
];

/**
 * Carries operations out as steps of a transaction, in {@link OPERATION_ORDER}, each as the method of its name does.
 *
 * @throws NodedevError `request-invalid` (no uuid, an unusable group name), and what those methods throw
 */
export async function carryOut(
  context: Context,
  change: StoreChange,
  steps: Steps,
  operations: readonly Operation[],
  options: HotplugOptions = {},
): Promise<void> {
  for (const operation of operations) checkNames(operation);
  const { devices, owners } = byAction(operations);
  const placeAll = (wanted: readonly DeviceOperation[]): readonly ResolvedRequest[] => {
    const place = requestResolver(context);
    return wanted.map(({ device }) => ({ ...place(requestOf(device)), group: device.group }));
  };
  const there = (...actions: readonly DeviceOperation['action'][]): readonly KnownDevice[] =>
    devices(...actions).map(({ device }) => requireKnown(context, device));

  const grouped = (action: 'adopt' | 'regroup') =>
    devices(action).map(({ device }) => [requireKnown(context, device), device.group] as const);
  regroupDevices(context, change, steps, grouped('adopt'), true);
  const released = owners('release').map(({ group }) => group);
  releaseGroups(context, change, steps, released);
  regroupDevices(context, change, steps, grouped('regroup'), false);
  const made = devices('create', 'start', 'define').map(({ device }) => device.uuid);
  const again = new Set(made);
  await destroyDevices(context, change, steps, there('destroy').map(requireActive), { again });
  undefineDevices(context, change, steps, there('undefine'), again);
  await setUpCards(
    context,
    steps,
    operations.filter((each) => each.action === 'set-up'),
  );
  for (const autostart of [false, true]) {
    const wanted = devices('define').filter((each) => isAutostart(each) === autostart);
    defineDevices(context, change, steps, placeAll(wanted), { autostart, planned: true });
  }
  const updates = (...actions: readonly DeviceOperation['action'][]) =>
    devices(...actions).map(
      (each) => [requireKnown(context, each.device), updateOf(each)] as const,
    );
  updateDevices(context, change, steps, updates('redefine'), { config: true });
  await createDevices(context, change, steps, placeAll(devices('create', 'start')), {
    ...options,
    planned: true,
  });
  updateDevices(context, change, steps, updates('update'), { live: true });
  for (const { group, owner, expires } of owners('claim')) {
    claimGroup(context, change, steps, group, owner, { planned: true, expires });
  }
}

/** The number of steps of {@link carryOut}. */
export function stepCount(operations: readonly Operation[]): number {
  return operations.reduce((sum, operation) => {
    if (operation.action === 'claim') return sum;
    if (operation.action !== 'update') return sum + 1;
    return sum + attributeWrites(operation.device.type, operation.device).length;
  }, 0);
}

/** The call of mdevctl's scripts for an operation; none when only our records change. */
export function scriptCalls(context: Context, operation: DeviceOperation): readonly ScriptCall[] {
  if (operation.action === 'adopt' || operation.action === 'regroup') return [];
  const { uuid, parent, type } = operation.device;
  const ref = { parent, uuid };
  const autostart =
    'autostart' in operation
      ? operation.autostart
      : (knownDevice(context, ref)?.definition?.definition.autostart ?? false);
  const attributes = attributeWrites(type, operation.device);
  const action = SCRIPT_ACTIONS[operation.action];
  return [{ action, device: { ref, type, autostart, attributes } }];
}

const SCRIPT_ACTIONS: Readonly<
  Record<Exclude<DeviceOperation['action'], 'adopt' | 'regroup'>, ScriptAction>
> = {
  destroy: 'stop',
  undefine: 'undefine',
  define: 'define',
  redefine: 'modify',
  create: 'start',
  start: 'start',
  update: 'modify',
};

function byAction(operations: readonly Operation[]): {
  readonly devices: (
    ...actions: readonly DeviceOperation['action'][]
  ) => readonly DeviceOperation[];
  readonly owners: (action: OwnerOperation['action']) => readonly OwnerOperation[];
} {
  const ofOwners = operations.filter(isOfOwner);
  const ofDevices = operations.filter(isOfDevice);
  return {
    devices: (...actions) => ofDevices.filter(({ action }) => actions.includes(action)),
    owners: (action) => ofOwners.filter((each) => each.action === action),
  };
}

const isAutostart = (operation: DeviceOperation): boolean =>
  'autostart' in operation && operation.autostart;

/** Checks uuid and group names, before they reach the host or the store. Parent and type are looked up anyway. */
function checkNames(operation: Operation): void {
  if (isOfOwner(operation)) {
    checkGroupName(operation.group);
    if (operation.owner.name === '') throw operationInvalid('a group without a domain');
    return;
  }
  if (!isOfDevice(operation)) return;
  const { uuid, group } = operation.device;
  if (parseUuid(uuid) !== uuid) throw operationInvalid(JSON.stringify(uuid));
  checkGroupName(group);
}

function updateOf(operation: DeviceOperation): Update {
  const autostart = operation.action === 'redefine' ? operation.autostart : undefined;
  return { request: requestOf(operation.device), group: undefined, autostart };
}

const requestOf = ({ alias, params, ...device }: OperationDevice): DeviceRequest => ({
  ...device,
  alias,
  params,
});

function requireKnown(context: Context, ref: OperationDevice): KnownDevice {
  const known = knownDevice(context, ref);
  if (known === undefined) throw deviceUnknown(nameOf(ref));
  return known;
}

function requireActive({ ref, active }: KnownDevice): HostDevice {
  if (active === undefined) throw deviceNotActive(nameOf(ref));
  return active;
}
