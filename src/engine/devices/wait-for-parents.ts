import { setTimeout as sleep } from 'node:timers/promises';
import type { Host, HostParent } from '../../host/host.ts';
import { addressOf } from '../../nodedev/names.ts';
import { throwIfAborted } from '../aborted.ts';
import { parentsTimeout } from '../wording/setup-messages.ts';
import { functionsOf } from './functions.ts';
import { findParent } from './inventory.ts';

/** Milliseconds between two looks. */
const STEP_MS = 250;

/** The parent of this name, or the functions of the card of this name; none: there is no such parent now. */
export function parentsOf(host: Host, name: string): readonly HostParent[] {
  const parent = findParent(host, name);
  return parent === undefined ? functionsOf(host, name) : [parent];
}

/**
 * {@link parentsOf}, as soon as they are all there and have types. A card that has a device may have no type left, so that it
 * needs to show none.
 *
 * @param seconds at most
 * @throws NodedevError `timeout`, `aborted`
 */
export async function waitForParents(
  host: Host,
  name: string,
  seconds: number,
  signal?: AbortSignal,
): Promise<readonly HostParent[]> {
  const start = performance.now();
  for (;;) {
    const parents = parentsOf(host, name);
    const missing = whatIsMissing(host, name, parents);
    if (missing === undefined) return parents;
    const left = seconds * 1000 - (performance.now() - start);
    if (!(left > 0)) throw parentsTimeout(name, missing, seconds);
    throwIfAborted(signal);
    await sleep(Math.min(STEP_MS, left));
  }
}

function whatIsMissing(
  host: Host,
  name: string,
  parents: readonly HostParent[],
): string | undefined {
  const card = host.setupCard(addressOf(name));
  if (parents.length === 0) {
    return card?.isOn === false ? 'its virtual functions are off' : 'it has not appeared';
  }
  const expected = card?.functions ?? [];
  if (parents.length < expected.length) {
    return `${parents.length} of its ${expected.length} virtual functions have appeared`;
  }
  const isReady = parents.some(
    (parent) =>
      host.types(parent).items.some(({ availableInstances }) => availableInstances > 0) ||
      host.card(parent).devices.length > 0,
  );
  return isReady ? undefined : 'it offers no types';
}
