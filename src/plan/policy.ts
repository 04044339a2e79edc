import type { CardState } from './card-kind.ts';
import type { Policy } from './placement.ts';
import type { Site } from './sites.ts';

/** What one card adds to the cost of a placement ({@link Placement.cost}). */
export function siteCost(policy: Policy, initial: CardState, state: CardState): number {
  return policy === 'pack'
    ? Number(initial.devices === 0 && state.devices > 0)
    : state.devices ** 2;
}

/** The cost of the current placement. */
export function costOf(policy: Policy, sites: readonly Site[]): number {
  return sites.reduce((sum, { initial, state }) => sum + siteCost(policy, initial, state), 0);
}
