import { takesType } from '../../host/host.ts';
import type { Context } from '../context.ts';
import { alreadyDefined, type DefinitionRef } from './definitions.ts';
import { defineDevices, requireDefinition } from './define.ts';
import type { Steps } from '../journal/steps.ts';
import { isDefined, type KnownDevice, knownDevice, nameOf } from '../devices/inventory.ts';
import type { ResolvedRequest } from '../devices/resolve-requests.ts';
import { updateDevices } from '../devices/update.ts';
import type { StoreChange } from '../store/store.ts';
import type { DefineOptions } from '../call-options.ts';
import { mdevName } from '../../nodedev/names.ts';
import { definitionMismatch } from '../wording/messages.ts';
import { leftAsItIs, uuidExists } from '../wording/request-messages.ts';

/**
 * Makes devices persistent. Of a device that is defined already, the definition becomes the document's, as with libvirt 10.1
 * and later; autostart stays on, and the group stays unless the document names one.
 *
 * @throws NodedevError `definition-mismatch`: it is defined with another type; `uuid-exists`, with `ifNotExists`: there is one on
 * another parent; as `defineDevices` and `updateDevices`
 */
export function defineOrUpdate(
  context: Context,
  change: StoreChange,
  steps: Steps,
  placements: readonly ResolvedRequest[],
  options: DefineOptions & { readonly group: string | undefined },
): readonly DefinitionRef[] {
  const { group, autostart, adopt, ifNotExists } = options;
  const known = definedAmong(context, placements, options);
  const updates = placements.flatMap((placement) => {
    const device = known.get(placement);
    if (device === undefined) {
      if (ifNotExists === true) refuseElsewhere(context, placement);
      return [];
    }
    const { type } = requireDefinition(device).definition;
    const { request } = placement;
    if (type !== placement.type.id) {
      const name = nameOf(device.ref);
      const isFunction = takesType(placement.parent);
      const at = request.typeLocation;
      throw definitionMismatch('define device', name, 'type', type, at, isFunction);
    }
    if (ifNotExists === true) {
      context.report(leftAsItIs(nameOf(device.ref)));
      return [];
    }
    return [[device, { request, group, autostart: autostart || undefined }] as const];
  });
  const isNew = (placement: ResolvedRequest): boolean => !known.has(placement);
  if (updates.length > 0) updateDevices(context, change, steps, updates, { config: true, adopt });
  if (updates.length < placements.length) {
    defineDevices(context, change, steps, placements.filter(isNew), { autostart, adopt });
  }
  return placements.map(({ parent, uuid }) => ({ parent: parent.address, uuid }));
}

/** A device of this uuid on another parent is not the one that is asked for. @throws NodedevError `uuid-exists` */
function refuseElsewhere(
  { host, definitions }: Context,
  { uuid, parent, request }: ResolvedRequest,
): void {
  const active = host.find(uuid);
  const places = [...(active === undefined ? [] : [active.ref]), ...definitions.find(uuid)];
  const elsewhere = places.find((place) => place.parent !== parent.address);
  if (elsewhere === undefined) return;
  throw uuidExists(uuid, mdevName(uuid, elsewhere.parent), request.location);
}

/** Those that are defined, also unreadably. @throws NodedevError `device-defined`, with `onlyNew`: there is one */
export function definedAmong(
  context: Context,
  placements: readonly ResolvedRequest[],
  { onlyNew }: DefineOptions,
): ReadonlyMap<ResolvedRequest, KnownDevice> {
  return new Map(
    placements.flatMap((placement): (readonly [ResolvedRequest, KnownDevice])[] => {
      const { parent, uuid } = placement;
      const device = knownDevice(context, { parent: parent.address, uuid });
      if (device === undefined || !isDefined(device)) return [];
      if (onlyNew === true) throw alreadyDefined(parent.address, uuid);
      return [[placement, device]];
    }),
  );
}
