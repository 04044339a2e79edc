import { typeAttributes } from '../drivers/registry.ts';
import type { Location } from '../errors.ts';
import type { Host, HostParent, HostType } from '../host/host.ts';
import { typeAmbiguous, typeUnknown } from './messages.ts';
import { parentName } from './inventory.ts';
import { problem } from './list.ts';
import type { ListResult, TypeInfo } from './types.ts';

/**
 * The type of a parent a document means: its id (`nvidia-11`), or the part behind the driver's name (`11`) when only
 * one type of the parent fits.
 *
 * @throws NodedevError `type-unknown` (with the parent's types), `type-ambiguous` (with the candidates)
 */
export function resolveType(
  parent: HostParent,
  types: readonly HostType[],
  wanted: string,
  location?: Location,
): HostType {
  const exact = types.find((type) => type.id === wanted);
  if (exact !== undefined) return exact;
  const fitting = types.filter((type) => type.id.endsWith(`-${wanted}`));
  const [only, ...more] = fitting;
  if (only === undefined) throw typeUnknown(parentName(parent), wanted, types, location);
  if (more.length > 0) throw typeAmbiguous(parentName(parent), wanted, fitting, location);
  return only;
}

/** All types of one parent with what is used of them. */
function typeInfos(host: Host, parent: HostParent): ListResult<TypeInfo> {
  const used = new Map<string, number>();
  for (const device of host.devices(parent).items) {
    used.set(device.type, (used.get(device.type) ?? 0) + 1);
  }
  const { items, unreadable } = host.types(parent);
  const infos = items.map((type) => ({
    parent: parentName(parent),
    id: type.id,
    name: type.name,
    deviceApi: type.deviceApi,
    availableInstances: type.availableInstances,
    used: used.get(type.id) ?? 0,
    attributes: typeAttributes(type),
  }));
  return { items: infos, problems: unreadable.map(problem) };
}

/** The types of one parent, or of all. */
export function listTypes(host: Host, wanted: HostParent | undefined): ListResult<TypeInfo> {
  const parents = wanted === undefined ? host.parents() : { items: [wanted], unreadable: [] };
  const results = parents.items.map((parent) => typeInfos(host, parent));
  return {
    items: results.flatMap((result) => result.items),
    problems: [...parents.unreadable.map(problem), ...results.flatMap((result) => result.problems)],
  };
}
