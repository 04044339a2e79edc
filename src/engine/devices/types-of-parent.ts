import { typeAttributes } from '../../drivers/registry.ts';
import { saysRequiresGroup } from '../../drivers/settings.ts';
import {
  type Criterion,
  formatCriteria,
  meets,
  parseCriteria,
} from '../../drivers/type-criteria.ts';
import { type DescribedType, factSources, typeFacts } from '../../drivers/type-facts.ts';
import { matchingTypes } from '../../drivers/matching-types.ts';
import { sortTypes } from '../../drivers/type-order.ts';
import type { Location } from '../../errors.ts';
import type { Host, HostParent, HostType } from '../../host/host.ts';
import { typeAmbiguous, typeUnknown } from '../wording/request-messages.ts';
import { parentName } from './inventory.ts';
import { problem } from './list.ts';
import { channelDeviceOf } from './channel-device.ts';
import { asksForGroup } from './asks-for-group.ts';
import type { ListResult } from '../listed-device.ts';
import type { TypeFilter, TypeInfo } from '../card-info.ts';

/** A type as users write it (`typeSpellings`), or criteria, as text or already parsed. */
export type TypeRequest = string | readonly Criterion[];

/**
 * The type of a parent that meets a request: by its id, by another spelling (case counts only when two types differ in
 * nothing else), or by criteria.
 *
 * @param parent its name, for messages
 * @throws NodedevError `type-unknown` (with the parent's types), `type-ambiguous` (with the candidates and their
 *   differences), `criterion-invalid`
 */
export function resolveType(
  parent: string,
  types: readonly HostType[],
  wanted: TypeRequest,
  location?: Location,
): HostType {
  // Most requests are ids; for these no description has to be read.
  const byId = types.find(({ id }) => id === wanted);
  if (byId !== undefined) return byId;
  const fitting = matchingTypes(types.map(describedType), wanted);
  const [only, ...more] = fitting;
  const written = typeText(wanted);
  if (only === undefined) throw typeUnknown(parent, written, types.map(describedType), location);
  if (more.length > 0) throw typeAmbiguous(parent, written, fitting, location);
  return only;
}

/** A request as it was written. */
export const typeText = (wanted: TypeRequest): string =>
  typeof wanted === 'string' ? wanted : formatCriteria(wanted);

/** A type of the kernel with its description item by item. */
export const describedType = (type: HostType): HostType & DescribedType => ({
  ...type,
  attributes: typeAttributes(type),
});

/** All types of one parent, with the number of devices of each. */
function typeInfos(host: Host, parent: HostParent): ListResult<TypeInfo> {
  const used = new Map<string, number>();
  for (const device of host.devices(parent).items) {
    used.set(device.type, (used.get(device.type) ?? 0) + 1);
  }
  const { items, unreadable } = host.types(parent);
  const asked = asksForGroup(host, parent);
  const channelDevice = channelDeviceOf(host, parent);
  const infos = items.map(describedType).map((type) => ({
    parent: parentName(parent),
    id: type.id,
    name: type.name,
    deviceApi: type.deviceApi,
    availableInstances: type.availableInstances,
    used: used.get(type.id) ?? 0,
    attributes: type.attributes,
    facts: typeFacts(type),
    sources: factSources(type),
    requiresGroup: asked || saysRequiresGroup(type),
    channelDevice,
  }));
  return { items: infos, problems: unreadable.map(problem) };
}

/** The types of some parents, or of all, that meet the filter. @throws NodedevError `criterion-invalid` */
export function listTypes(
  host: Host,
  wanted: readonly HostParent[] | undefined,
  { where = [], sort }: TypeFilter,
): ListResult<TypeInfo> {
  const criteria = [where].flat().flatMap(parseCriteria);
  const parents = wanted === undefined ? host.parents() : { items: wanted, unreadable: [] };
  const results = parents.items.map((parent) => typeInfos(host, parent));
  const items = results.flatMap((result) => result.items).filter((type) => meets(type, criteria));
  return {
    items: sort === undefined ? items : sortTypes(items, sort),
    problems: [...parents.unreadable.map(problem), ...results.flatMap((result) => result.problems)],
  };
}
