import { driverForType } from '../drivers/registry.ts';
import { NodedevError } from '../errors.ts';
import type { HostDevice, HostParent, HostType } from '../host/host.ts';
import { attributeWrites } from './attribute-writes.ts';
import type { Context } from './context.ts';
import { deviceName, findParent, parentName } from './inventory.ts';
import {
  appearTimeout,
  hotplugRefused,
  noInstances,
  paramsUnsupported,
  parentUnknown,
  uuidExists,
  uuidTwice,
} from './messages.ts';
import { holderLabel, refusal } from './refusals.ts';
import type { DeviceRequest, GroupRequest } from './request.ts';
import { Steps } from './steps.ts';
import type { StoreChange } from './store.ts';
import { resolveType } from './types-of-parent.ts';

/** A request held against the host: everything known that the kernel can be asked for. */
interface Placement {
  readonly request: DeviceRequest;
  readonly parent: HostParent;
  readonly type: HostType;
  readonly uuid: string;
}

/**
 * Creates the devices of one group: all of them or none. Everything that can be known is checked before the first
 * write; what the kernel refuses later is undone in reverse order.
 *
 * @returns the devices, in the order of the request, and the name of their group
 * @throws NodedevError `parent-unknown`, `type-unknown`, `type-ambiguous`, `uuid-exists`, `no-instances`,
 *   `params-unsupported`, `hotplug-refused`, `host-refused`, `host-timeout`
 */
export function createGroup(
  context: Context,
  change: StoreChange,
  request: GroupRequest,
): { readonly devices: readonly HostDevice[]; readonly group: string } {
  const placements = request.devices.map((device) => place(context, device));
  checkUuids(context, placements);
  checkRoom(context, placements);
  const group = request.group ?? placements[0]?.uuid ?? '';
  checkHotplug(context, change, group, placements);
  const steps = new Steps();
  try {
    const devices = placements.map((placement) => {
      const device = createOne(context, steps, placement);
      const { alias, attributes, params } = placement.request;
      const { uuid, parent } = device.ref;
      change.addDevice({
        kind: 'device',
        uuid,
        parent,
        type: device.type,
        group,
        alias,
        attributes,
        params,
      });
      return device;
    });
    return { devices, group };
  } catch (error) {
    const undone = steps.undo();
    throw error instanceof NodedevError ? error.withIssues(undone) : error;
  }
}

/** How long a device may take to appear after its uuid was accepted; udev-free kernels need none of it. */
const APPEAR_SECONDS = 5;

function place(context: Context, request: DeviceRequest): Placement {
  const parent = findParent(context.host, request.parent);
  if (parent === undefined) {
    const known = context.host.parents().items.map(parentName);
    throw parentUnknown(request.parent, known, request.parentLocation);
  }
  const types = context.host.types(parent).items;
  const type = resolveType(parent, types, request.type, request.typeLocation);
  if (request.params !== undefined && driverForType(type.id)?.paramsAttribute === undefined) {
    throw paramsUnsupported(type.id, request.location);
  }
  return { request, parent, type, uuid: request.uuid ?? context.newUuid() };
}

function checkUuids({ host }: Context, placements: readonly Placement[]): void {
  const seen = new Set<string>();
  for (const { uuid, request } of placements) {
    if (seen.has(uuid)) throw uuidTwice(uuid, request.location);
    seen.add(uuid);
    const existing = host.find(uuid);
    if (existing !== undefined) throw uuidExists(uuid, deviceName(existing), request.location);
  }
}

function checkRoom(context: Context, placements: readonly Placement[]): void {
  for (const { parent, type, request } of placements) {
    if (type.availableInstances > 0) continue;
    throw noRoom(context, parent, type, request);
  }
}

function noRoom(
  { host }: Context,
  parent: HostParent,
  type: HostType,
  request: DeviceRequest,
): NodedevError {
  const driver = driverForType(type.id);
  const explanation = driver?.explain(host.card(parent), parent.address, type);
  const users = (explanation?.blockedBy ?? []).flatMap((uuid) => {
    const device = host.find(uuid);
    return device === undefined ? [] : [deviceName(device)];
  });
  return noInstances(parentName(parent), type.id, users, explanation?.rule, request.typeLocation);
}

/** A VM may have the group open already: then each driver says whether it takes a member in. */
function checkHotplug(
  { host }: Context,
  change: StoreChange,
  group: string,
  placements: readonly Placement[],
): void {
  const members = change.group(group)?.members ?? [];
  const holder = members
    .flatMap((uuid) => host.find(uuid) ?? [])
    .flatMap((device) => host.holders(device))
    .map(holderLabel)[0];
  if (holder === undefined) return;
  for (const { parent, type, uuid, request } of placements) {
    const joining = { uuid, parent: parent.address, type: type.id, holder };
    const errno = driverForType(type.id)?.hotplugRefusal(host.card(parent), 'open', joining);
    if (errno !== undefined) throw hotplugRefused(group, type.id, holder, request.location);
  }
}

function createOne(context: Context, steps: Steps, placement: Placement): HostDevice {
  const { host } = context;
  const { parent, type, uuid, request } = placement;
  try {
    steps.run(
      `created ${uuid}`,
      () => {
        host.create(parent, type.id, uuid);
      },
      () => {
        const created = host.find(uuid);
        if (created !== undefined) host.remove(created);
      },
    );
    const device = waitFor(context, uuid, parent);
    for (const { name, value } of attributeWrites(type.id, request))
      host.setAttribute(device, name, value);
    return device;
  } catch (error) {
    const doing = `Unable to create mediated device ${uuid} (${type.id} on ${parentName(parent)})`;
    throw refusal(error, doing, { type: type.id, location: request.location });
  }
}

function waitFor({ host, sleep }: Context, uuid: string, parent: HostParent): HostDevice {
  const step = 10;
  for (let waited = 0; ; waited += step) {
    const device = host.find(uuid);
    if (device !== undefined) return device;
    if (waited >= APPEAR_SECONDS * 1000)
      throw appearTimeout(`${parent.path}/${uuid}`, APPEAR_SECONDS);
    sleep(step);
  }
}
