import { splitParams } from './attribute-writes.ts';
import type { Context } from '../context.ts';
import type { StoredDefinition } from '../definitions/definitions.ts';
import type { KnownDevice } from './inventory.ts';
import { nameOf } from './inventory.ts';
import { requireDefinition } from '../definitions/define.ts';
import { deviceActive } from '../wording/messages.ts';
import type { ResolvedRequest } from './resolve-requests.ts';
import { resolveRequests } from './resolve-requests.ts';
import type { StoreView } from '../store/store.ts';

/**
 * The resolved requests for creating these defined devices, each in the group it was defined in.
 *
 * @throws NodedevError `device-active`, `device-undefined`, `parent-unknown`, `type-unknown`
 */
export function startRequests(
  context: Context,
  view: StoreView,
  devices: readonly KnownDevice[],
): readonly ResolvedRequest[] {
  return devices.flatMap((device) => {
    if (device.active !== undefined) throw deviceActive(nameOf(device.ref));
    return placeDefinition(context, view, requireDefinition(device));
  });
}

function placeDefinition(
  context: Context,
  view: StoreView,
  stored: StoredDefinition,
): readonly ResolvedRequest[] {
  const { parent, uuid, definition } = stored;
  const saved = view.definition(stored);
  const { type } = definition;
  return resolveRequests(context, {
    group: saved?.group ?? uuid,
    devices: [
      { parent, uuid, type, alias: saved?.alias, ...splitParams(type, definition.attributes) },
    ],
  });
}
