import type { Context } from '../context.ts';
import type { StoreView } from '../store/store.ts';
import type { GenerationOptions } from '../call-options.ts';
import { generationPassed } from '../wording/messages.ts';
import { readHostState, stateFingerprint } from './host-state.ts';

/**
 * Lets a change begin only on the host that its caller knows. To be called under the lock.
 *
 * @throws NodedevError `plan-stale`
 */
export function requireGeneration(
  context: Context,
  view: StoreView,
  { ifGeneration }: GenerationOptions = {},
): void {
  if (ifGeneration === undefined) return;
  if (stateFingerprint(readHostState(context, view)) !== ifGeneration) throw generationPassed();
}
