import { setTimeout as sleep } from 'node:timers/promises';
import type { Host, HostDevice } from '../../host/host.ts';
import { throwIfAborted } from '../aborted.ts';
import { deviceHolders } from './holders.ts';
import { deviceName } from './inventory.ts';
import { holderLabel, open } from '../../policy/reasons.ts';
import { errorOf } from '../../policy/verdict.ts';

/** Milliseconds between two looks. Finding the holders of a device searches all processes. */
const STEP_MS = 250;

/**
 * Waits until none of the devices is open. No lock is held meanwhile, so a device may be opened again: the caller must
 * check once more before it removes them.
 *
 * @param seconds at most; 0 looks once
 * @throws NodedevError `in-use` (by whom, and how long it was waited), `aborted`
 */
export async function waitUntilFree(
  host: Host,
  devices: readonly HostDevice[],
  seconds: number,
  signal?: AbortSignal,
): Promise<void> {
  const start = performance.now();
  let held: readonly HostDevice[] = devices;
  for (;;) {
    held = held.filter((device) => deviceHolders(host, device).length > 0);
    const [first] = held;
    if (first === undefined) return;
    const left = seconds * 1000 - (performance.now() - start);
    if (!(left > 0)) {
      const holders = deviceHolders(host, first).map(holderLabel);
      throw errorOf(open(deviceName(first), holders, seconds));
    }
    throwIfAborted(signal);
    await sleep(Math.min(STEP_MS, left));
  }
}
