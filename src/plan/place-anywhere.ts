import { groupBy } from '../group-by.ts';
import type { Draft, Target, DesiredDevice } from './draft.ts';
import { noPlace } from './messages.ts';
import { place } from './place.ts';
import { typeText } from './parents.ts';
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
  const kinds = [...groupBy(devices, ({ request }) => typeText(request.type)).values()];
  const requests = kinds.flatMap((alike) =>
    alike.slice(0, 1).map(({ request }) => ({ type: request.type, count: alike.length })),
  );
  const found = draft.attempt(() => place(cards.after, requests, options.policy));
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
    return device === undefined || type === undefined
      ? []
      : [[device, { ...target, type }] as const];
  });
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
