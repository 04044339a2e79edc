import type { Host, HostDevice } from '../host/host.ts';
import type { NamedValue } from '../nodedev/device.ts';
import { attributeWrites } from './attribute-writes.ts';
import type { Context } from './context.ts';
import { redefine, requireDefinition } from './define.ts';
import type { KnownDevice } from './inventory.ts';
import { findParent, nameOf, parentName } from './inventory.ts';
import { definitionMismatch, deviceNotActive } from './messages.ts';
import { refusal } from './refusals.ts';
import type { DeviceRequest } from './request.ts';
import type { Steps } from './steps.ts';
import type { StoreChange } from './store.ts';
import { resolveType } from './types-of-parent.ts';
import type { UpdateOptions } from './types.ts';

/**
 * Changes a device's settings to those of a document, live, in its definition, or both, as steps of a transaction.
 *
 * @returns what was changed
 * @throws NodedevError `definition-mismatch`, `device-inactive`, `device-undefined`, `host-refused`
 */
export function updateDevice(
  context: Context,
  change: StoreChange,
  steps: Steps,
  device: KnownDevice,
  request: DeviceRequest,
  options: UpdateOptions,
): { readonly live: boolean; readonly config: boolean } {
  const asked = options.live === true || options.config === true;
  const live = asked ? options.live === true : device.active !== undefined;
  const config = asked ? options.config === true : !live;
  const type = checkSameDevice(context, device, request);
  const writes = attributeWrites(type, request);
  const stored = config ? requireDefinition(device) : undefined;
  if (live) updateActive(context, change, steps, device, request, writes);
  if (stored !== undefined) redefine(context, steps, stored, { attributes: writes });
  return { live, config };
}

/** libvirt's three checks (virNodeDeviceDriver's nodeDeviceUpdate): a document of another device is refused. */
function checkSameDevice(
  { host }: Context,
  { ref, active, definition }: KnownDevice,
  request: DeviceRequest,
): string {
  const type = active?.type ?? definition?.definition.type ?? '';
  if (request.uuid !== undefined && request.uuid !== ref.uuid) {
    throw definitionMismatch(nameOf(ref), 'uuid', ref.uuid, request.location);
  }
  const parent = findParent(host, request.parent);
  if ((parent?.address ?? request.parent) !== ref.parent) {
    throw definitionMismatch(nameOf(ref), 'parent address', ref.parent, request.parentLocation);
  }
  const types = parent === undefined ? [] : host.types(parent).items;
  const wanted =
    parent === undefined || request.type === type
      ? request.type
      : resolveType(parentName(parent), types, request.type, request.typeLocation).id;
  if (wanted !== type) {
    throw definitionMismatch(nameOf(ref), 'type', type, request.typeLocation);
  }
  return type;
}

function updateActive(
  { host }: Context,
  change: StoreChange,
  steps: Steps,
  { ref, active }: KnownDevice,
  { attributes, params }: DeviceRequest,
  writes: readonly NamedValue[],
): void {
  if (active === undefined) throw deviceNotActive(nameOf(ref));
  const values = writes.map(({ name }) => ({ name, value: readIfReadable(host, active, name) }));
  const record = change.device(ref.uuid);
  steps.intend([
    {
      do: 'set',
      uuid: ref.uuid,
      parent: ref.parent,
      type: active.type,
      group: record?.group,
      values,
      attributes: record?.attributes ?? [],
      params: record?.params,
    },
  ]);
  try {
    for (const [index, { name, value }] of writes.entries()) {
      const before = values[index]?.value;
      steps.run(
        `set ${name} of ${nameOf(ref)}`,
        () => {
          host.setAttribute(active, name, value);
        },
        () => {
          if (before === undefined) throw new Error('it cannot be read, so it is not known');
          host.setAttribute(active, name, before);
        },
      );
    }
  } catch (error) {
    throw refusal(error, `Unable to modify mediated device '${nameOf(ref)}'`, {
      type: active.type,
    });
  }
  if (record !== undefined) change.addDevice({ ...record, attributes, params });
}

function readIfReadable(host: Host, device: HostDevice, name: string): string | undefined {
  try {
    return host.readAttribute(device, name);
  } catch {
    return undefined; // write-only, as vfio_ap's are
  }
}
