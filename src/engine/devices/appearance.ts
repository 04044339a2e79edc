import { setTimeout as sleep } from 'node:timers/promises';
import type { Host, HostDevice, HostParent } from '../../host/host.ts';
import { throwIfAborted } from '../aborted.ts';
import { appearTimeout } from '../wording/messages.ts';

/** Seconds that a device may take to appear after the kernel has accepted its uuid. */
const APPEAR_SECONDS = 5;
const STEP_MS = 10;

/**
 * Waits until a device appears whose uuid the kernel has just accepted, and returns it.
 *
 * @throws NodedevError `host-timeout`, `aborted`
 */
export async function appearance(
  host: Host,
  uuid: string,
  parent: HostParent,
  signal?: AbortSignal,
): Promise<HostDevice> {
  const end = performance.now() + APPEAR_SECONDS * 1000;
  for (;;) {
    const device = host.find(uuid);
    if (device !== undefined) return device;
    throwIfAborted(signal);
    if (performance.now() > end) throw appearTimeout(`${parent.path}/${uuid}`, APPEAR_SECONDS);
    await sleep(STEP_MS);
  }
}
