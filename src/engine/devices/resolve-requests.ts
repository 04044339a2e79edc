import { explainType } from '../../drivers/explain-type.ts';
import { hypotheses } from '../../drivers/hypotheses.ts';
import { driverForType } from '../../drivers/registry.ts';
import type { NodedevError } from '../../errors.ts';
import type { Host, HostParent, HostType } from '../../host/host.ts';
import { addressOf, mdevName } from '../../nodedev/names.ts';
import type { Context } from '../context.ts';
import { cardOf } from './cards.ts';
import { deviceName, findParent, parentName } from './inventory.ts';
import { requireMdevSupport } from '../wording/mdev-support.ts';
import {
  noFunctions,
  noInstances,
  paramsUnsupported,
  parentWithoutMdev,
  parentUnknown,
  uuidExists,
  uuidTwice,
} from '../wording/request-messages.ts';
import { offCardOf, offCards } from '../setup/off-cards.ts';
import { functionsOff } from '../wording/setup-messages.ts';
import type { DeviceRequest, GroupRequest } from './request.ts';
import { functionsOf } from './functions.ts';
import { resolveType } from './types-of-parent.ts';

/** A request with its parent, type, uuid and group on the host: everything that is needed to create the device. */
export interface ResolvedRequest {
  readonly request: DeviceRequest;
  readonly parent: HostParent;
  readonly type: HostType;
  readonly uuid: string;
  readonly group: string;
}

/**
 * Finds parent, type, uuid and group of each requested device.
 *
 * @throws NodedevError `no-mdev-support`, `parent-unknown`, `type-unknown`, `type-ambiguous`, `params-unsupported`, `uuid-exists` (one
 *   uuid requested twice)
 */
export function resolveRequests(
  context: Context,
  { group, devices }: GroupRequest,
): readonly ResolvedRequest[] {
  const placed = devices.map(requestResolver(context));
  const name = group ?? placed[0]?.uuid ?? '';
  checkDistinct(placed);
  return placed.map((placement) => ({ ...placement, group: name }));
}

/** A function that resolves one request after the other, of any group. Each parent is read once. */
export function requestResolver(
  context: Context,
): (device: DeviceRequest) => Omit<ResolvedRequest, 'group'> {
  const offers = new Map<string, OfferedTypes>();
  const picked = new Set<string>();
  return (device) => {
    // All parents are read for a GPU only, which is none itself.
    const isParent = offers.has(device.parent) || findParent(context.host, device.parent);
    const functions = isParent ? [] : functionsOf(context.host, device.parent);
    if (functions.length > 0) {
      const place = resolveRequest(
        context,
        offerOfFree(context, functions, device, picked),
        device,
      );
      picked.add(place.parent.address);
      return place;
    }
    const offer = offers.get(device.parent) ?? offerOf(context.host, device);
    offers.set(device.parent, offer);
    return resolveRequest(context, offer, device);
  };
}

/**
 * Checks that the host has room for these devices now.
 *
 * @throws NodedevError `uuid-exists` (with where), `no-instances` (with which devices use them)
 */
export function checkRoom(context: Context, placements: readonly ResolvedRequest[]): void {
  checkDistinct(placements);
  const looked = new Set<string>();
  for (const { uuid, parent, type, request } of placements) {
    const existing = context.host.find(uuid);
    if (existing !== undefined) throw uuidExists(uuid, deviceName(existing), request.location);
    const key = `${parent.address}/${type.id}`;
    if (looked.has(key)) continue;
    looked.add(key);
    const now = context.host.type(parent, type.id) ?? { ...type, availableInstances: 0 };
    if (now.availableInstances <= 0) throw noRoom(context, parent, now, request);
  }
}

/** A parent with its types. They are read once, for any number of devices. */
interface OfferedTypes {
  readonly parent: HostParent;
  readonly types: readonly HostType[];
}

function offerOf(host: Host, request: DeviceRequest): OfferedTypes {
  const parent = findParent(host, request.parent);
  if (parent === undefined) throw noParent(host, request);
  return { parent, types: host.types(parent).items };
}

/**
 * Of the functions of a GPU that is named itself, the first that could take the type: one without a definition if there is
 * such a one, since what is defined needs its own function. When none could, one without a type, which says why.
 */
function offerOfFree(
  { host, definitions }: Context,
  functions: readonly HostParent[],
  request: DeviceRequest,
  picked: ReadonlySet<string>,
): OfferedTypes {
  const refs = definitions.refs().items;
  const defined = new Set(refs.map(({ parent }) => parent));
  const offers = functions
    .filter(({ address }) => !picked.has(address))
    .map((parent) => ({ parent, types: host.types(parent).items }));
  // A device stays where it is: the XML of its VM names that function.
  const { uuid } = request;
  const places = new Set([
    uuid === undefined ? undefined : host.find(uuid)?.ref.parent,
    ...refs.flatMap((ref) => (ref.uuid === uuid ? [ref.parent] : [])),
  ]);
  const own = offers.find(({ parent }) => places.has(parent.address));
  if (own !== undefined) return own;
  const takes = ({ types }: OfferedTypes): boolean =>
    resolveType(request.parent, types, request.type, request.typeLocation).availableInstances > 0;
  const isEmpty = ({ parent }: OfferedTypes): boolean => host.devices(parent).items.length === 0;
  const free = offers.filter(takes);
  const offer =
    free.find(({ parent }) => !defined.has(parent.address)) ??
    free[0] ??
    offers.find(isEmpty) ??
    offers[0];
  if (offer === undefined)
    throw noFunctions(request.parent, functions.length, request.parentLocation);
  return offer;
}

function resolveRequest(
  context: Context,
  { parent, types }: OfferedTypes,
  request: DeviceRequest,
): Omit<ResolvedRequest, 'group'> {
  const type = resolveType(parentName(parent), types, request.type, request.typeLocation);
  if (request.params !== undefined && driverForType(type.id)?.paramsAttribute === undefined) {
    throw paramsUnsupported(type.id, request.location);
  }
  return { request, parent, type, uuid: request.uuid ?? context.newUuid() };
}

/** The error for a parent that does not exist: no mdev support, a device without types, or an unknown name. */
function noParent(host: Host, { parent, parentLocation }: DeviceRequest): NodedevError {
  const off = offCardOf(offCards(host), parent);
  if (off !== undefined) return functionsOff(off, parentLocation);
  const parents = host.parents();
  requireMdevSupport(host, parents);
  const exists = host.hasDevice(parent) || host.hasDevice(addressOf(parent));
  if (exists) return parentWithoutMdev(parent, parentLocation);
  return parentUnknown(parent, parents.items.map(parentName), parentLocation);
}

function checkDistinct(placements: readonly Omit<ResolvedRequest, 'group'>[]): void {
  const seen = new Set<string>();
  for (const { uuid, request } of placements) {
    if (seen.has(uuid)) throw uuidTwice(uuid, request.location);
    seen.add(uuid);
  }
}

function noRoom(
  { host }: Context,
  parent: HostParent,
  type: HostType,
  request: DeviceRequest,
): NodedevError {
  const { item: shown } = cardOf(host, parent);
  const [rules] = hypotheses(shown);
  const taken = shown.card.isFunctions === true ? host.devices(parent).items[0] : undefined;
  if (taken !== undefined) {
    const rule = `The function has the type ${taken.type} already.`;
    return noInstances(
      parentName(parent),
      type.id,
      [deviceName(taken)],
      rule,
      request.typeLocation,
    );
  }
  const { rule, blockedBy } = explainType(shown, rules, parent.address, type, 0);
  const users = blockedBy.map((device) => mdevName(device.uuid, device.parent));
  return noInstances(parentName(parent), type.id, users, rule, request.typeLocation);
}
