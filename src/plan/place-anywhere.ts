import { groupBy } from '../group-by.ts';
import type { Draft, Target, Wanted } from './draft.ts';
import { noPlace } from './messages.ts';
import { place } from './place.ts';
import { typeText } from './places.ts';
import type { PlannedAction } from './plan.ts';
import { CardsAfter } from './cards-after.ts';

/**
 * Finds parents for devices that may go anywhere, in what the rest of the plan leaves.
 *
 * @param targets where the others are
 */
export function placeAnywhere(
  draft: Draft,
  devices: readonly Wanted[],
  targets: ReadonlyMap<Wanted, Target>,
): readonly (readonly [Wanted, Target])[] {
  const { index, options } = draft;
  const [first] = devices;
  if (first === undefined) return [];
  const cards = new CardsAfter(index.state.cards, draft.destroyed);
  // What has no room is refused when the whole plan is held against it.
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
    const there = index.place(parent);
    const type = there.parent.types.find((each) => each.id === id);
    return device === undefined || type === undefined
      ? []
      : [[device, { place: there, type }] as const];
  });
}

/** The devices that come, in order. */
export function arrivals(
  actions: readonly PlannedAction[],
  targets: ReadonlyMap<Wanted, Target>,
): readonly (readonly [Wanted, Target])[] {
  const byUuid = new Map([...targets].map((entry) => [entry[0].uuid, entry]));
  return actions.flatMap((action) => {
    const comes = action.action === 'create' || action.action === 'start';
    const entry = comes ? byUuid.get(action.device.uuid) : undefined;
    return entry === undefined ? [] : [entry];
  });
}
