import { typeText } from '../engine/devices/types-of-parent.ts';
import { nodesOfBinding } from '../domain/domain-nodes.ts';
import { groupBy } from '../group-by.ts';
import type { Draft, Target, DesiredDevice } from './draft.ts';
import { farFromDomain, noPlace } from './messages.ts';
import { place } from './place.ts';
import { reasonWithOff } from './off-cards.ts';
import type { PlannedAction } from './plan.ts';
import { CardsAfter } from './cards-after.ts';

/**
 * Finds parents for devices that may go anywhere, in the room that the rest of the plan leaves.
 *
 * @param targets the parents and types of the other devices
 */
export function placeAnywhere(
  draft: Draft,
  devices: readonly DesiredDevice[],
  targets: ReadonlyMap<DesiredDevice, Target>,
): readonly (readonly [DesiredDevice, Target])[] {
  const { index, options } = draft;
  const [first] = devices;
  if (first === undefined) return [];
  const cards = new CardsAfter(index.state.cards, draft.destroyed);
  // Errors are not looked at here: `makePlan` checks the room of the whole plan and refuses.
  for (const [, target] of arrivals(draft.actions, targets)) cards.take(target);
  const { policy, node } = options;
  const near = nearByUuid(draft);
  const kinds = [
    ...groupBy(devices, ({ request, uuid }) =>
      [typeText(request.type), ...(near.get(uuid) ?? [])].join(' '),
    ).values(),
  ];
  const requests = kinds.flatMap((alike) =>
    alike.slice(0, 1).map(({ request, uuid }) => ({
      type: request.type,
      count: alike.length,
      node,
      near: near.get(uuid),
    })),
  );
  const found = draft.attempt(() => {
    try {
      return place(cards.after, requests, policy);
    } catch (error) {
      throw reasonWithOff(error, index.state.off, [], cards.after.length === 0);
    }
  });
  if (found === undefined) return [];
  if (!found.fits) {
    draft.refuse(noPlace(found, first.request.typeLocation));
    return [];
  }
  const queues = kinds.map((alike) => alike.values());
  return found.devices.flatMap(({ request, parent, type: id }) => {
    const device = queues[request]?.next().value;
    const target = index.parent(parent);
    const type = target.parent.types.find((each) => each.id === id);
    if (device === undefined || type === undefined) return [];
    const wanted = node === undefined ? (near.get(device.uuid) ?? []) : [];
    const { numaNode } = target.parent;
    if (wanted.length > 0 && !wanted.some((each) => each === numaNode)) {
      draft.tell(farFromDomain(typeText(device.request.type), parent, wanted));
    }
    return [[device, { ...target, type }] as const];
  });
}

/** The NUMA nodes of the domains that use devices, by the devices' uuids. */
function nearByUuid({ index, domains }: Draft): ReadonlyMap<string, readonly number[]> {
  const nodes = index.state.nodes ?? [];
  return new Map(
    domains.flatMap(({ binding, uses }) => {
      const near = nodesOfBinding(binding, nodes);
      return uses.map(({ uuid }) => [uuid, near] as const);
    }),
  );
}

/** The devices that a plan creates or starts, in its order. */
export function arrivals(
  actions: readonly PlannedAction[],
  targets: ReadonlyMap<DesiredDevice, Target>,
): readonly (readonly [DesiredDevice, Target])[] {
  const byUuid = new Map([...targets].map((entry) => [entry[0].uuid, entry]));
  return actions.flatMap((action) => {
    const comes = action.action === 'create' || action.action === 'start';
    const entry = comes ? byUuid.get(action.device.uuid) : undefined;
    return entry === undefined ? [] : [entry];
  });
}
