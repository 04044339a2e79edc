import { noFunctions } from '../engine/wording/request-messages.ts';
import type { DesiredDevice, Draft, Target } from './draft.ts';

/**
 * A function for each device whose parent is a card: the first that nobody has, wants or has defined something on. With `prune`, also one
 * whose devices are not desired.
 *
 * @param targets the parents of the other devices
 * @param devices all desired ones
 */
export function pickFunctions(
  draft: Draft,
  onCards: readonly DesiredDevice[],
  targets: ReadonlyMap<DesiredDevice, Target>,
  devices: readonly DesiredDevice[],
): readonly (readonly [DesiredDevice, Target])[] {
  if (onCards.length === 0) return [];
  const { index, options } = draft;
  const taken = new Set([...targets.values()].map(({ parent }) => parent.address));
  const desired = new Set(devices.map(({ uuid }) => uuid));
  const there = new Set(index.state.devices.map(({ parent }) => parent));
  const kept = new Set(
    index.state.devices.flatMap(({ parent, uuid }) => (desired.has(uuid) ? [parent] : [])),
  );
  const blocked = (address: string): boolean =>
    taken.has(address) || (options.prune === true ? kept.has(address) : there.has(address));
  return onCards.flatMap((device) => {
    const { parent: name = '', parentLocation, type, typeLocation } = device.request;
    const target = draft.attempt((): Target => {
      const functions = index.functionsOf(name);
      const open = functions.filter(({ parent }) => !blocked(parent.address));
      const place = open.find(({ parent }) => !there.has(parent.address)) ?? open[0];
      if (place === undefined) throw noFunctions(name, functions.length, parentLocation);
      return { ...place, type: index.type(place, type, typeLocation) };
    });
    if (target === undefined) return [];
    taken.add(target.parent.address);
    return [[device, target] as const];
  });
}
